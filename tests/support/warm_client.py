"""What stands under a program's name in the folder of tests/support/warm.py.

Has the warmed-up parent run that program, in this process's folder, with its environment and files.
It imports as little as it can: that is most of its time.
"""

import os
import signal
import socket
import sys

with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(os.path.join(os.path.dirname(sys.argv[0]), "socket"))
    umask = os.umask(0o77)
    wanted = repr((os.getcwd(), dict(os.environ), umask, sys.argv)).encode()
    sent = socket.send_fds(connection, [wanted], [0, 1, 2])
    connection.sendall(wanted[sent:])
    connection.shutdown(socket.SHUT_WR)
    answers = connection.makefile()
    program = int(answers.readline())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: os.kill(program, number))
    status = int(answers.readline())
if status < 0:
    signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
sys.exit(status)
