#!/usr/bin/env python3
"""Lets one system call of a program fail: the N-th that touches a folder, whichever of its processes makes it.

usage: fault-at.py FOLDER N FAULT LOG COMMAND...
FAULT is the name of an errno (ENOSPC, EIO, ...), or KILL: the process that makes the call ends before it is done.
Every such call up to there is written to LOG, one per line: its number, its name, its path. N = 0: none fails.
What `strace -P` matches are paths that are known beforehand, and it counts for each thread; hence this. Linux on x86-64.
"""
import ctypes
import errno
import os
import signal
import struct
import sys

# Where a call has its paths: `at` after a descriptor, -1 for none. With None a descriptor is all it has.
PATHS = {
    2: ('open', (0,)), 4: ('stat', (0,)), 6: ('lstat', (0,)), 21: ('access', (0,)), 76: ('truncate', (0,)),
    82: ('rename', (0, 1)), 83: ('mkdir', (0,)), 84: ('rmdir', (0,)), 85: ('creat', (0,)), 86: ('link', (0, 1)),
    87: ('unlink', (0,)), 88: ('symlink', (0, 1)), 89: ('readlink', (0,)), 90: ('chmod', (0,)), 92: ('chown', (0,)),
    132: ('utime', (0,)), 235: ('utimes', (0,)), 257: ('openat', (1,)), 258: ('mkdirat', (1,)), 262: ('newfstatat', (1,)),
    263: ('unlinkat', (1,)), 264: ('renameat', (1, 3)), 265: ('linkat', (1, 3)), 266: ('symlinkat', (2,)),
    267: ('readlinkat', (1,)), 268: ('fchmodat', (1,)), 269: ('faccessat', (1,)), 280: ('utimensat', (1,)),
    316: ('renameat2', (1, 3)), 332: ('statx', (1,)), 437: ('openat2', (1,)), 439: ('faccessat2', (1,)),
}
DESCRIPTORS = {
    0: 'read', 1: 'write', 3: 'close', 5: 'fstat', 8: 'lseek', 17: 'pread64', 18: 'pwrite64', 19: 'readv', 20: 'writev',
    74: 'fsync', 75: 'fdatasync', 77: 'ftruncate', 91: 'fchmod', 217: 'getdents64', 262: 'newfstatat', 280: 'utimensat',
    285: 'fallocate', 332: 'statx',
}
TRACEME, PEEK, GETREGS, SETREGS, SYSCALL, SETOPTIONS, SYSCALL_INFO = 0, 2, 12, 13, 24, 0x4200, 0x420E
# System calls are told apart from signals; forks, clones and exec are followed; whoever is left dies with us.
OPTIONS = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x100000
ORIG_RAX, RAX = 15, 10
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def text_at(thread, address):
    if address == 0:
        return ''
    with open(f'/proc/{thread}/mem', 'rb', buffering=0) as memory:
        memory.seek(address)
        found = b''
        while b'\0' not in found and len(found) < 8192:
            # Not over the end of a page: the next one may not be there.
            part = memory.read(min(1024, 4096 - memory.tell() % 4096))
            if not part:
                break
            found += part
    return os.fsdecode(found.split(b'\0')[0])


def path_of(thread, number, arguments, folder):
    """The path below the folder that the call is about, if any."""
    below = lambda path: path == folder or path.startswith(folder + '/')
    for index in PATHS.get(number, ('', ()))[1]:
        path = text_at(thread, arguments[index])
        if below(path):
            return path
    if number in DESCRIPTORS and arguments[0] < 1 << 20:
        try:
            path = os.readlink(f'/proc/{thread}/fd/{arguments[0]}')
        except OSError:
            return None
        return path if below(path) else None
    return None


def main():
    folder, at, fault, log, *command = sys.argv[1:]
    at = int(at)
    child = os.fork()
    if child == 0:
        libc.ptrace(TRACEME, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.execvp(command[0], command)
    os.waitpid(child, WALL)
    libc.ptrace(SETOPTIONS, child, None, OPTIONS)
    libc.ptrace(SYSCALL, child, None, None)

    known, failing, count, result = {child}, set(), 0, 0
    info = ctypes.create_string_buffer(88)
    registers = (ctypes.c_ulonglong * 27)()
    with open(log, 'w') as lines:
        while True:
            try:
                thread, status = os.waitpid(-1, WALL)
            except ChildProcessError:
                break
            if not os.WIFSTOPPED(status):
                if thread == child:
                    result = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
                continue
            stop, deliver = os.WSTOPSIG(status), 0
            if stop == signal.SIGTRAP | 0x80:
                libc.ptrace(SYSCALL_INFO, thread, 88, ctypes.addressof(info))
                entering = info.raw[0] == 1
                if entering:
                    number, *arguments = struct.unpack_from('7Q', info.raw, 24)
                    if number in PATHS or number in DESCRIPTORS:
                        path = path_of(thread, number, arguments, folder)
                        if path is not None:
                            count += 1
                            name = PATHS[number][0] if number in PATHS else DESCRIPTORS[number]
                            print(count, name, path, file=lines, flush=True)
                            if count == at and fault == 'KILL':
                                os.kill(thread, signal.SIGKILL)
                            elif count == at:
                                libc.ptrace(GETREGS, thread, None, ctypes.addressof(registers))
                                registers[ORIG_RAX] = 2**64 - 1
                                libc.ptrace(SETREGS, thread, None, ctypes.addressof(registers))
                                failing.add(thread)
                elif thread in failing:
                    failing.discard(thread)
                    libc.ptrace(GETREGS, thread, None, ctypes.addressof(registers))
                    registers[RAX] = 2**64 - getattr(errno, fault)
                    libc.ptrace(SETREGS, thread, None, ctypes.addressof(registers))
            elif status >> 16 == 0:
                if thread in known or stop != signal.SIGSTOP:
                    deliver = stop
            known.add(thread)
            libc.ptrace(SYSCALL, thread, None, deliver)
    sys.exit(result)


main()
