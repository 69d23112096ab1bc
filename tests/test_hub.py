"""The hub's configuration and the values for Kubernetes, read as their programs read them."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import nbformat
import nbgrader
import pytest
import yaml
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config, PyFileConfigLoader

import rnn_edu.grading.hub
from rnn_edu.grading.course import settings
from rnn_edu.grading.hub import __main__ as start

HUB = Path(rnn_edu.grading.hub.__file__).parent
VALUES = yaml.safe_load((HUB / "kubernetes.yaml").read_text())
USER = VALUES["singleuser"]


@pytest.fixture(scope="module")
def config():
    return PyFileConfigLoader("jupyterhub_config.py", path=str(HUB)).load_config()


def test_every_option_of_the_hub_exists(config):
    pytest.importorskip("jupyterhub")
    from jupyterhub.app import JupyterHub
    from jupyterhub.auth import PAMAuthenticator
    from jupyterhub.spawner import LocalProcessSpawner

    known = {
        "JupyterHub": JupyterHub,
        "PAMAuthenticator": PAMAuthenticator,
        "Spawner": LocalProcessSpawner,
    }
    for name, options in config.items():
        assert set(options) <= set(known[name].class_traits(config=True)), name


def test_nobody_else_comes_in_and_no_password_leaves_the_machine(config):
    assert config.PAMAuthenticator.allowed_groups == {"teachers", "students"}
    assert "allow_all" not in config.PAMAuthenticator
    assert config.JupyterHub.ip == "127.0.0.1"
    assert any(word.startswith("--data=") for word in config.Spawner.cmd)


@pytest.mark.parametrize(("groups", "role"), [(["teachers"], "teacher"), ([], "student")])
def test_a_server_gets_the_role_of_its_owner(config, monkeypatch, tmp_path, groups, role):
    account = SimpleNamespace(pw_dir=str(tmp_path), pw_gid=7, pw_name="ada")
    members = ["ada"] if groups else []
    group = SimpleNamespace(gr_gid=8, gr_mem=members)
    monkeypatch.setattr("pwd.getpwnam", lambda name: account)
    monkeypatch.setattr("grp.getgrnam", lambda name: group)
    tmp_path.chmod(0o755)
    spawner = SimpleNamespace(user=SimpleNamespace(name="ada"))
    config.Spawner.pre_spawn_hook(spawner)
    assert spawner.environment["JUPYTER_PATH"] == str(HUB / role)
    folders = spawner.environment["JUPYTER_CONFIG_PATH"].split(":")
    assert [Path(folder).name for folder in folders] == [role, "everyone"]
    assert all(Path(folder).is_dir() for folder in folders)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_students_menus_are_a_students():
    pages = json.loads((HUB / "student/labconfig/page_config.json").read_text())
    assert pages["disabledExtensions"]["@jupyter/nbgrader:formgrader"]
    server = json.loads((HUB / "student/jupyter_server_config.json").read_text())
    extensions = server["ServerApp"]["jpserver_extensions"]
    assert extensions == {"nbgrader.server_extensions.formgrader": False}
    teacher = json.loads((HUB / "teacher/jupyter_server_config.json").read_text())
    headers = teacher["ServerApp"]["tornado_settings"]["headers"]
    assert headers == {"Content-Security-Policy": "frame-ancestors 'self'"}


def test_the_formgraders_pages_take_nothing_from_another_host(monkeypatch):
    templates = Path(nbgrader.__file__).parent / "server_extensions/formgrader/templates"
    monkeypatch.setenv("JUPYTER_PATH", str(HUB / "teacher"))
    options = settings()
    options.HTMLExporter.template_name = "formgrade"  # as nbgrader's formgrader asks for it
    options.HTMLExporter.extra_template_basedirs = [str(templates)]
    cell = nbformat.v4.new_markdown_cell("$h_t$")
    resources = {"base_url": "", "index": 0, "total": 1}
    notebook = nbformat.v4.new_notebook(cells=[cell])
    page, _ = HTMLExporter(config=options).from_notebook_node(notebook, resources)
    assert "<msub>" in page
    assert "MathJax = {Hub" in page  # formgrade.js asks it when all is set
    assert not re.search(r"(src|href)=.(https?:)?//", page)


def test_the_folder_of_the_hub_is_closed_and_the_exchange_is_sticky(tmp_path):
    hub = start.prepare(tmp_path / "class")
    assert hub.stat().st_mode & 0o777 == 0o700
    assert (hub / "jupyterhub.sqlite").stat().st_mode & 0o777 == 0o600
    assert (hub.parent / "exchange").stat().st_mode & 0o7777 == 0o1777
    (hub / "jupyterhub.sqlite").chmod(0o644)
    start.prepare(tmp_path / "class")
    assert (hub / "jupyterhub.sqlite").stat().st_mode & 0o777 == 0o600


def test_what_is_missing_is_said(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("grp.getgrall", list)
    monkeypatch.setattr("shutil.which", lambda name: None)
    said = "\n".join(start.lacking())
    assert all(word in said for word in ("root", "npm install", "groupadd students"))


def pod(monkeypatch):
    """What Kubernetes would be asked for, by the options that the chart sets from the values."""
    kubespawner = pytest.importorskip("kubespawner")
    monkeypatch.setattr("kubespawner.spawner.load_config", lambda **options: None)
    monkeypatch.setattr("kubespawner.spawner.shared_client", lambda kind: None)
    options = Config()
    options.KubeSpawner.update(
        cpu_guarantee=USER["cpu"]["guarantee"],
        cpu_limit=USER["cpu"]["limit"],
        mem_guarantee=USER["memory"]["guarantee"],
        mem_limit=USER["memory"]["limit"],
        environment=dict(USER["extraEnv"]),
        uid=USER["uid"],
        fs_gid=USER["fsGid"],
        allow_privilege_escalation=USER["allowPrivilegeEscalation"],
        default_url=USER["defaultUrl"],
        image="class:1",
        cmd=USER["cmd"],
    )
    hub = SimpleNamespace(
        public_host="", url="/", base_url="/", api_url="/", server=SimpleNamespace(base_url="/")
    )
    spawner = kubespawner.KubeSpawner(config=options, _mock=True, hub=hub)

    def manifest():
        with ThreadPoolExecutor(1) as elsewhere:  # this thread may run another loop, a browser's
            return elsewhere.submit(asyncio.run, spawner.get_pod_manifest()).result()

    return spawner, manifest


def test_the_pod_of_a_student_has_limits_and_no_rights(monkeypatch):
    _, manifest = pod(monkeypatch)
    spec = manifest().spec
    box = spec.containers[0]
    assert box.resources.limits == {"cpu": 1.0, "memory": 2 * 2**30}
    assert box.resources.requests == {"cpu": 0.1, "memory": 512 * 2**20}
    assert box.security_context["runAsUser"] == 1000
    assert box.security_context["allowPrivilegeEscalation"] is False
    assert spec.automount_service_account_token is False


@pytest.mark.parametrize(("name", "role"), [("ada", "teacher"), ("ben", "student")])
def test_the_values_give_each_pod_its_role(monkeypatch, name, role):
    source = VALUES["hub"]["extraConfig"]["roles"]
    z2jh = SimpleNamespace(get_config=lambda key, default=None: {"custom.teachers": ["ada"]}[key])
    monkeypatch.setitem(__import__("sys").modules, "z2jh", z2jh)
    scope = {"c": Config()}
    exec(compile(source, "kubernetes.yaml", "exec"), scope)
    spawner, manifest = pod(monkeypatch)
    spawner.user.name = name
    scope["c"].Spawner.pre_spawn_hook(spawner)
    environment = {one.name: one.value for one in manifest().spec.containers[0].env}
    folders = environment["JUPYTER_CONFIG_PATH"].split(":")
    assert environment["JUPYTER_PATH"] == f"/srv/hub/{role}"
    assert folders == ["/srv/hub/ngshare", f"/srv/hub/{role}", "/srv/hub/everyone"]
    assert all((HUB / Path(folder).name).is_dir() for folder in folders)


def test_a_server_may_ask_ngshare_and_leaves_collecting_to_it(monkeypatch):
    roles = VALUES["hub"]["loadRoles"]
    wanted = "access:services!service=ngshare"
    assert wanted in roles["server"]["scopes"]
    assert wanted in roles["user"]["scopes"]  # else the hub drops it from the server's token
    assert "self" in roles["user"]["scopes"]
    assert settings().ExchangeFactory.collect == "rnn_edu.grading.collect.Collect"
    monkeypatch.setenv("RNN_EDU_EXCHANGE", USER["extraEnv"]["RNN_EDU_EXCHANGE"])
    assert "collect" not in settings().ExchangeFactory


def test_the_values_are_closed_and_hold_no_secret():
    assert USER["networkPolicy"]["enabled"]
    open_rules = [name for name, on in USER["networkPolicy"]["egressAllowRules"].items() if on]
    assert open_rules == ["dnsPortsKubeSystemNamespace"]
    assert VALUES["hub"]["config"]["JupyterHub"]["authenticator_class"] != "dummy"
    text = "\n".join(
        line.split("#")[0] for line in (HUB / "kubernetes.yaml").read_text().splitlines()
    )
    assert not re.search(r"token:|secret|password|client_id", text, re.IGNORECASE)
