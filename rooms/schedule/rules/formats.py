"""What a session can be, and what an invitation knows of its person's way in."""

from enum import StrEnum


class Format(StrEnum):
    """What a session is; it decides the size of its rooms (`supply.rules.demand`)."""

    PRACTICE = "practice"
    GATHERING = "gathering"
    BRIEFING = "briefing"
    COURSE = "course"
    TRAINING = "training"
    ONE_TO_ONE = "one_to_one"
    WORKGROUP = "workgroup"


class Answer(StrEnum):
    """What an invited person says of their coming. Nobody has to: without an answer they are expected."""

    COMING = "coming"
    LATE = "late"
    ABSENT = "absent"


class DeviceCheck(StrEnum):
    """What a person's device check found last."""

    PASSED = "passed"
    CAMERA_OFF = "camera_off"
    CAMERA_BLOCKED = "camera_blocked"
    MICROPHONE_BLOCKED = "microphone_blocked"
    NO_CAMERA = "no_camera"
    NO_MICROPHONE = "no_microphone"
    IN_APP_BROWSER = "in_app_browser"
    UNSUPPORTED = "unsupported"
