"""Ways to reach people, written one way only."""

from enum import StrEnum

import phonenumbers
from email_validator import EmailNotValidError, validate_email


class PreferredWay(StrEnum):
    """How somebody wishes to be written to. NONE: not at all, but for the sign-ins that they ask for themselves."""

    EMAIL = "email"
    SMS = "sms"
    NONE = "none"


class BadContact(ValueError):
    """Not an address or a number that could reach anybody."""


def email_address(text: str) -> str:
    """The address in its normal form. Raises BadContact.

    No look-up in the network: a form must not wait for DNS. Plain letters before the @, as our mail can be sent to.
    """
    try:
        return validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError as error:
        raise BadContact("not an e-mail address") from error


def phone_number(text: str) -> str:
    """The number as E.164 (`+4751000000`); without a country code it is Norwegian. Raises BadContact."""
    try:
        number = phonenumbers.parse(text, "NO")
    except phonenumbers.NumberParseException as error:
        raise BadContact("not a phone number") from error
    if not phonenumbers.is_possible_number(number):
        raise BadContact("not a phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
