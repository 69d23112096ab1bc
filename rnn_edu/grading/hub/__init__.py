"""A class on one machine: JupyterHub with this course's assignments.

`python -m rnn_edu.grading.hub` starts it; see jupyterhub_config.py and the guide's page on it.
"""
