"""A Python without what only POSIX has, which stands for Windows in the tests of this directory.

As `sitecustomize.py` on PYTHONPATH it does so for a process and all that it starts.
"""
# ruff: noqa: E402 (what is taken away decides what the later imports find)

import sys

# A module that is None can't be imported, as if there were none.
for module in ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "readline", "syslog"):
    sys.modules[module] = None

import _socket

# Before `socket` is imported, so that its own socketpair() over the loopback takes the place.
for name in ("socketpair", "AF_UNIX", "MSG_DONTWAIT", "SCM_RIGHTS", "CMSG_LEN", "CMSG_SPACE"):
    delattr(_socket, name)

import os
import select
import selectors
import signal
import socket

for place, names in {
    os: "fork forkpty posix_spawn posix_spawnp getuid geteuid getgid getegid setsid setpgid "
    "getpgid killpg mkfifo wait3 wait4 nice sched_getaffinity sched_yield openpty",
    select: "poll epoll kqueue",
    selectors: "PollSelector EpollSelector",
    signal: "SIGHUP SIGCHLD SIGQUIT SIGUSR1 SIGUSR2 SIGALRM SIGPIPE SIGSTOP SIGCONT SIGTSTP pause "
    "alarm setitimer pthread_kill pthread_sigmask sigwait",
    socket: "send_fds recv_fds",
}.items():
    for name in names.split():
        if hasattr(place, name):
            delattr(place, name)
selectors.DefaultSelector = selectors.SelectSelector
