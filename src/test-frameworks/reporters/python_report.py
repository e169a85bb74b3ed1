"""
The one channel on which results of Python's test frameworks leave a sandbox: as report.cjs does it for Node.js. It reads the run's secret
once and removes it, before any code of the repository runs, and signs each line with it. What it needs of the platform is taken now
and held in closures: test code may replace `os.open`, `json` or `time` later, or hand out a false file system.

Written for every Python from 2.7 on.
"""
import hashlib
import json.encoder
import os

LONGEST_TEXT = 16384


def _take_secret(path):
    """The secret of the first process of a run; None in all others."""
    try:
        with open(path, 'rb') as file:
            secret = file.read().strip()
        os.unlink(path)
        return secret
    except (IOError, OSError):
        return None


def _text(value):
    """A text cut to what a report may hold; None stays None."""
    if value is None:
        return None
    if isinstance(value, bytes):
        value = value.decode('utf-8', 'replace')
    return value[:LONGEST_TEXT]


def _make_encoder():
    """JSON of texts, numbers, lists and dictionaries, with nothing that code could replace later."""
    quote = json.encoder.encode_basestring_ascii

    def encode(value):
        if value is None:
            return 'null'
        if isinstance(value, float):
            return repr(value)
        if isinstance(value, list):
            return '[%s]' % ','.join([encode(each) for each in value])
        if isinstance(value, dict):
            return '{%s}' % ','.join(['%s:%s' % (quote(key), encode(value[key])) for key in value])
        return quote(value)

    return encode


def _make_signer(secret):
    """HMAC with SHA-256 (RFC 2104) out of two hashes that have taken the key in; the key itself is kept nowhere."""
    padded = bytearray(secret.ljust(64, b'\0'))
    inner = hashlib.sha256(bytes(bytearray(each ^ 0x36 for each in padded)))
    outer = hashlib.sha256(bytes(bytearray(each ^ 0x5C for each in padded)))

    def sign(data):
        inside, outside = inner.copy(), outer.copy()
        inside.update(data)
        outside.update(inside.digest())
        return outside.hexdigest()

    return sign


def _make_writer(folder, secret):
    encode, sign = _make_encoder(), _make_signer(secret)
    open_file, write_bytes, close_file, process = os.open, os.write, os.close, os.getpid
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    path = os.path.join(folder, 'tests.jsonl')
    owner = process()
    number = [0]

    def write(record):
        # A fork of this process has the secret too, but not the number of the next line.
        if process() != owner:
            return
        line = encode(record)
        mac = sign(('%d:%s' % (number[0], line)).encode('ascii'))
        data = ('%s %s\n' % (mac, line)).encode('ascii')
        # Opened anew for each line: code that closes or guesses descriptors can neither stop nor use it.
        descriptor = open_file(path, flags, 0o644)
        try:
            while data:
                data = data[write_bytes(descriptor, data) :]
        finally:
            close_file(descriptor)
        number[0] += 1

    class Writer(object):
        """Writes what happened, in the order in which it did."""

        def test(self, file, names, status, seconds, message):
            """One test. `file`: absolute or relative to the first working directory, or None."""
            write(
                {
                    't': 'test',
                    'file': _text(file),
                    'path': [_text(name) for name in names],
                    'status': status,
                    'ms': None if seconds is None else seconds * 1000.0,
                    'message': _text(message),
                }
            )

        def end(self):
            """The framework has come to its own end."""
            write({'t': 'end'})

    write({'t': 'start', 'cwd': os.getcwd()})
    return Writer()


def claim():
    """The writer, for the first who asks in the first process; None for everybody else."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, 'report')
    secret = _take_secret(os.path.join(folder, 'nonce'))
    return None if secret is None else _make_writer(folder, secret)
