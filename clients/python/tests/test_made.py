"""The blocking client is the asynchronous one."""

import subprocess
import sys
from pathlib import Path


def test_the_blocking_client_is_made_from_the_asynchronous_one() -> None:
    script = Path(__file__).parent.parent / "scripts" / "make_sync.py"
    subprocess.run([sys.executable, str(script), "--check"], check=True)
