"""Delivery reports as mail servers write them."""

import uuid

_POSTFIX = """\
Return-Path: <>
Date: Mon, 23 Nov 2026 17:00:05 +0100 (CET)
From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
Subject: {subject}
To: sammen@example.org
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4B2C1.1795453205/mail.example.org"
Message-Id: <20261123160005.4B2C1@mail.example.org>

This is a MIME-encapsulated message.

--4B2C1.1795453205/mail.example.org
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--4B2C1.1795453205/mail.example.org
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
X-Postfix-Queue-ID: 4B2C1
X-Postfix-Sender: rfc822; sammen@example.org
Arrival-Date: Mon, 23 Nov 2026 17:00:01 +0100 (CET)

Final-Recipient: rfc822; amina@post.example
Original-Recipient: rfc822;amina@post.example
Action: {action}
Status: {status}
Remote-MTA: dns; mx.post.example
Diagnostic-Code: smtp; 550 5.1.1 <amina@post.example>: no such person here

--4B2C1.1795453205/mail.example.org
Content-Description: Undelivered Message
Content-Type: {returned}
Content-Transfer-Encoding: 8bit

Return-Path: <sammen@example.org>
From: Frivilligsentralen i Klepp <sammen@example.org>
Subject: =?utf-8?q?Invitasjon=3A_Spr=C3=A5ktrening?=
To: amina@post.example
Message-ID: <{message_id}@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

https://sammen.example/l/abc

--4B2C1.1795453205/mail.example.org--
"""


def report(
    message_id: uuid.UUID | str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    returned: str = "message/rfc822",
    subject: str = "Undelivered Mail Returned to Sender",
) -> bytes:
    """What Postfix writes. `returned`: text/rfc822-headers when only the headers come back."""
    text = _POSTFIX.format(message_id=message_id, action=action, status=status, returned=returned, subject=subject)
    return text.replace("\n", "\r\n").encode()
