"""The mark of tests that run submissions in bubblewrap.

Where no sandbox can be made they say so and are skipped, unless RNN_EDU_REQUIRE_SANDBOX=1, as CI
sets it: then they fail.
"""

import os

import pytest

from rnn_edu.grading import sandbox


def missing():
    """Why no sandbox can be made here, "" if one can."""
    try:
        sandbox.require()
    except sandbox.SandboxMissing as error:
        return str(error)
    return ""


WHY = "" if os.environ.get("RNN_EDU_REQUIRE_SANDBOX") == "1" else missing()


def needs_sandbox(test):
    """Mark a test as one that runs submissions; skip it where they cannot be confined."""
    return pytest.mark.sandbox(pytest.mark.skipif(bool(WHY), reason=WHY)(test))
