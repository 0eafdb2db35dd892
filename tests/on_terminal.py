"""Makes standard input the controlling terminal of this session, and becomes gradstep."""

from __future__ import annotations

import fcntl
import os
import sys
import termios

fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "gradstep.cli", *sys.argv[1:]])
