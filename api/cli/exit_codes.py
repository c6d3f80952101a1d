"""What the command's exit code says."""

from enum import IntEnum

from db.contracts.job_state import JobState


class ExitCode(IntEnum):
    """Zero is good; the others say who has to do something."""

    OK = 0
    JOB_NOT_DONE = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    NOT_VALID = 5
    UNAUTHENTICATED = 6
    FORBIDDEN = 7
    UNWELL = 8
    DECLINED = 9
    INTERRUPTED = 130
    UNREAD = 141


EPILOG = (
    "Exit codes: 0 done · 1 the job failed, was cancelled or expired, or the stack "
    "cannot run · 2 wrong usage · 3 nobody answers · 4 the service refused · "
    "5 a certificate does not hold, a reproduction differs, or a log is not whole · "
    "6 a key or token is needed, or this one is not good · 7 it does not allow this · "
    "8 the doctor has found something · 9 you said no · 130 interrupted · "
    "141 nobody read the rest."
)


def of_state(state: JobState) -> ExitCode:
    return ExitCode.OK if state is JobState.SUCCEEDED else ExitCode.JOB_NOT_DONE
