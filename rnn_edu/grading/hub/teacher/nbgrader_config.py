"""nbgrader's settings for a teacher: the course folder, and what grading needs."""

from pathlib import Path

from rnn_edu.grading.course import settings

c = get_config()  # noqa: F821
c.merge(settings())
c.CourseDirectory.root = str(Path.home() / "rnn")
