"""JupyterHub for one course: accounts of this machine, roles by group, the exchange, limits.

Read by jupyterhub, with the folder of its state as the working directory; see __main__.py. Whoever
is in the group `teachers` is a teacher; whoever is in `students` alone, a student.
"""

import grp
import os
import pwd
import sys
from pathlib import Path
from typing import Any

import rnn_edu.grading.hub

HERE = Path(rnn_edu.grading.hub.__file__).parent
PROGRAMS = Path(sys.executable).parent
GIB = 2**30

c = get_config()  # noqa: F821

# Passwords travel here: leave it on this machine behind a server that speaks TLS, or give
# --ip= --port=443 --ssl-key=KEY --ssl-cert=CERTIFICATE.
c.JupyterHub.ip = "127.0.0.1"
c.JupyterHub.port = 8000

c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"teachers", "students"}
c.PAMAuthenticator.open_sessions = False  # they would be sessions of the hub's own process

c.JupyterHub.spawner_class = "localprocess"
# Of each process; a machine with systemd can bound the whole hub, see the guide.
c.Spawner.cmd = [
    "prlimit",
    f"--data={4 * GIB}",
    f"--fsize={2 * GIB}",
    "--nproc=1024",
    "--core=0",
    str(PROGRAMS / "jupyterhub-singleuser"),
]
c.Spawner.default_url = "/lab"
c.Spawner.env_keep = ["LANG", "LC_ALL", "TZ"]
c.Spawner.start_timeout = 120  # a whole class logs in at once
c.Spawner.http_timeout = 120
c.JupyterHub.active_server_limit = 30
c.JupyterHub.concurrent_spawn_limit = 4

c.JupyterHub.services = [
    {
        "name": "cull-idle",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "cull-idle",
        "services": ["cull-idle"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]


def prepare(spawner: Any) -> None:
    """Close the home to others, and give the server the configuration of its owner's role."""
    account = pwd.getpwnam(spawner.user.name)
    os.chmod(account.pw_dir, 0o700)
    teachers = grp.getgrnam("teachers")
    teaches = account.pw_gid == teachers.gr_gid or account.pw_name in teachers.gr_mem
    role = "teacher" if teaches else "student"
    spawner.environment = {
        "JUPYTER_CONFIG_PATH": f"{HERE / role}:{HERE / 'everyone'}",
        "JUPYTER_PATH": str(HERE / role),  # a template of the teacher's pages
        "PATH": f"{PROGRAMS}:/usr/local/bin:/usr/bin:/bin",
        "RNN_EDU_EXCHANGE": str(Path.cwd().parent / "exchange"),
        "OMP_NUM_THREADS": "1",
    }


c.Spawner.pre_spawn_hook = prepare
