"""Tests in a real browser: figures as static pages without a network, and live in JupyterLab."""
