"""`python -m gradstep.program FD screen|plain`: the fork server, talking over the socket with that file descriptor."""

import sys

from gradstep.program.host.zygote import serve

serve(int(sys.argv[1]), on_screen=sys.argv[2] == "screen")
