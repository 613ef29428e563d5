"""Tries to get out of the sandbox, one attempt a function, and writes what came of each to attempts.json.

Run by tests/it/escapes.rs as a free script, at each level. What each level promises stands in docs/sandbox.md. The test
puts what lies outside into PLACE. An attempt that returns has succeeded; one that raises was refused.
"""

import ctypes
import errno
import json
import mmap
import os
import platform
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile

PLACE = {}
HOME, PROJECT, MARK = PLACE["home"], PLACE["project"], PLACE["mark"]
PORT, VICTIM, CANARY = PLACE["port"], PLACE["victim"], PLACE["canary_reversed"][::-1]
DATA = os.environ["RATIONALE_DATA"]
FOLDER = os.getcwd()
IS_X86 = platform.machine() == "x86_64"
LIBC = ctypes.CDLL(None, use_errno=True)
ATTEMPTS = []


class NotHere(Exception):
    """The machine does not have what the attempt needs."""


def attempt(function):
    ATTEMPTS.append(function)
    return function


def checked(result):
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def syscall(number, *arguments):
    if not IS_X86:
        raise NotHere("the number of this call is not known for this processor")
    return checked(LIBC.syscall(ctypes.c_long(number), *[ctypes.c_long(argument) for argument in arguments]))


def apart(function):
    """Does it in a process of its own: what it changes is gone with it, and it may be killed."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            function()
            os._exit(0)
        except OSError as error:
            os.write(writer, str(error.errno).encode())
        except BaseException:
            os.write(writer, b"0")
        os._exit(1)
    os.close(writer)
    told = os.read(reader, 100)
    os.close(reader)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        raise ChildProcessError(0, f"ended by signal {os.WTERMSIG(status)}")
    if told:
        raise OSError(int(told), os.strerror(int(told)))


def read(path):
    with open(path, "rb") as file:
        return file.read(2000)


def write(path, mode="w"):
    with open(path, mode) as file:
        file.write("written")


# G1 to G6: reading


@attempt
def read_home():
    return read(HOME + "/secret.txt")


@attempt
def list_home():
    return os.listdir(HOME)


@attempt
def read_ssh_key():
    return read(HOME + "/.ssh/id_ed25519")


@attempt
def read_history():
    return len(read(PROJECT + "/.rationale/history.sqlite"))


@attempt
def list_runs():
    return os.listdir(PROJECT + "/.rationale/runs")


@attempt
def read_key_file():
    return read(PROJECT + "/config/key")


@attempt
def read_other_data():
    return read(PROJECT + "/other.csv")


@attempt
def read_sealed_rows():
    return len(read(PROJECT + "/penguins.csv"))


@attempt
def read_through_link():
    os.symlink(HOME + "/secret.txt", "way-in.txt")
    return read("way-in.txt")


@attempt
def read_file_of_process():
    return read(f"/proc/{VICTIM}/fd/0")


@attempt
def list_root_of_process():
    return os.listdir(f"/proc/{VICTIM}/root{HOME}")


@attempt
def inherited_file():
    return os.pread(9, 6, 0)


@attempt
def see_names():
    return os.stat(HOME + "/secret.txt").st_size


@attempt
def see_processes():
    assert b"sleep" in read(f"/proc/{VICTIM}/cmdline")


# G7 to G10: writing. Each has a file of its own, so that the test can look at all of them afterwards.


@attempt
def write_outside():
    write(PROJECT + "/written.txt")


@attempt
def append_outside():
    write(HOME + "/append.txt", "a")


@attempt
def truncate_outside():
    os.truncate(HOME + "/truncate.txt", 0)


@attempt
def make_folder_outside():
    os.mkdir(HOME + "/folder")


@attempt
def rename_outside():
    os.rename(HOME + "/rename.txt", HOME + "/renamed.txt")


@attempt
def move_in():
    os.rename(HOME + "/move.txt", "moved.txt")


@attempt
def move_out():
    write("own.txt")
    os.rename("own.txt", HOME + "/own.txt")


@attempt
def link_in():
    os.link(HOME + "/secret.txt", "linked.txt")


@attempt
def link_out():
    write("own-too.txt")
    os.link("own-too.txt", HOME + "/own-too.txt")


@attempt
def delete_outside():
    os.remove(HOME + "/delete.txt")


@attempt
def write_through_link():
    os.symlink(HOME + "/through.txt", "way-out.txt")
    write("way-out.txt")


@attempt
def change_mode_outside():
    os.chmod(HOME + "/mode.txt", 0o777)


@attempt
def change_times_outside():
    os.utime(HOME + "/times.txt", (0, 0))


@attempt
def change_attribute_outside():
    try:
        os.setxattr(HOME + "/attribute.txt", "user.rationale", b"x")
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            raise NotHere("the file system has no attributes") from None
        raise


@attempt
def overwrite_data():
    os.chmod(DATA, 0o600)
    open(DATA, "r+").close()


@attempt
def overwrite_sealed_rows():
    open(PROJECT + "/penguins.csv", "r+").close()


@attempt
def overwrite_own_code():
    os.chmod(__file__, 0o600)
    open(__file__, "r+").close()


@attempt
def overwrite_harness():
    open(os.path.dirname(FOLDER) + "/harness/runner.py", "r+").close()


@attempt
def overwrite_record():
    open(os.path.dirname(FOLDER) + "/run.json", "r+").close()


@attempt
def write_tmp():
    write("/tmp/" + MARK)


@attempt
def write_shared_memory():
    write("/dev/shm/" + MARK)


@attempt
def make_device():
    os.mknod("device", stat.S_IFCHR | 0o600, os.makedev(1, 3))


# G11 to G17: the network


@attempt
def tcp():
    socket.create_connection(("127.0.0.1", PORT), timeout=2).close()


@attempt
def tcp_listen():
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        own.listen()


@attempt
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.sendto(b"x", ("127.0.0.1", PORT))


@attempt
def ipv6():
    socket.socket(socket.AF_INET6).close()


@attempt
def dns():
    if PLACE["level"] == "none":
        raise NotHere("it would ask a server on the internet")
    socket.getaddrinfo("example.com", 80)


@attempt
def raw_socket():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()


@attempt
def packet_socket():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()


@attempt
def netlink():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()


@attempt
def vsock():
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()


@attempt
def unix_socket():
    with socket.socket(socket.AF_UNIX) as own:
        own.connect(PROJECT + "/door")


@attempt
def abstract_socket():
    with socket.socket(socket.AF_UNIX) as own:
        own.connect("\0" + MARK)


@attempt
def own_unix_socket():
    with socket.socket(socket.AF_UNIX) as own:
        own.bind("\0" + MARK + "-own")


@attempt
def io_uring():
    parameters = ctypes.create_string_buffer(120)
    os.close(syscall(425, 4, ctypes.addressof(parameters)))


@attempt
def socket_by_old_calls():
    """A socket by `int 0x80`, whose numbers are those of 32-bit programs."""
    if not IS_X86:
        raise NotHere("only this processor has it")
    # push rbx; mov eax,359; mov ebx,2; mov ecx,1; xor edx,edx; int 0x80; pop rbx; ret
    code = bytes.fromhex("53b867010000bb02000000b90100000031d2cd805bc3")

    def call():
        memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        memory.write(code)
        number = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))()
        if number < 0:
            raise OSError(-number, os.strerror(-number))

    apart(call)


@attempt
def socket_by_x32():
    os.close(syscall(0x40000000 | 41, 2, 1, 0))


# G18 to G22: the workbench and other programs


def above():
    """Every process between this one and the first."""
    pid = os.getppid()
    while pid > 0:
        yield pid
        with open(f"/proc/{pid}/stat") as file:
            pid = int(file.read().rsplit(")", 1)[1].split()[1])


def holds_key(path):
    try:
        return CANARY.encode() in read(path)
    except OSError:
        return False


@attempt
def key_in_environment():
    assert any(CANARY in value or "KEY" in name or "TOKEN" in name for name, value in os.environ.items())


@attempt
def key_in_arguments():
    assert any(holds_key(f"/proc/{pid}/cmdline") for pid in os.listdir("/proc") if pid.isdigit())


@attempt
def key_of_workbench():
    assert any(holds_key(f"/proc/{pid}/environ") for pid in above())


@attempt
def environment_of_process():
    assert b"RATIONALE_VICTIM" in read(f"/proc/{VICTIM}/environ")


@attempt
def memory_of_process():
    open(f"/proc/{VICTIM}/mem", "rb").close()


@attempt
def read_memory_of_process():
    there = ctypes.create_string_buffer(16)
    try:
        with open(f"/proc/{VICTIM}/maps") as file:
            start = int(file.readline().split("-")[0], 16)
    except OSError:
        start = 0x40_0000  # the call is refused before anybody looks whether something is there
    to = (ctypes.c_ulong * 2)(ctypes.addressof(there), 16)
    of = (ctypes.c_ulong * 2)(start, 16)
    syscall(310, VICTIM, ctypes.addressof(to), 1, ctypes.addressof(of), 1, 0)


@attempt
def trace_process():
    checked(LIBC.ptrace(16, VICTIM, 0, 0))
    os.waitpid(VICTIM, 0x40000000)
    LIBC.ptrace(17, VICTIM, 0, 0)


@attempt
def signal_process():
    os.kill(VICTIM, 0)
    assert b"sleep" in read(f"/proc/{VICTIM}/cmdline"), "the number is that of another process here"


@attempt
def take_file_of_process():
    os.close(syscall(438, os.pidfd_open(VICTIM), 0, 0))


@attempt
def shared_memory_by_number():
    number = checked(LIBC.shmget(0x5241_5449, 4096, 0o1600))
    LIBC.shmctl(number, 0, 0)


@attempt
def kernel_keys():
    syscall(250, 0, -3, 1)


@attempt
def core_files():
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] != 0


@attempt
def standard_input():
    assert os.read(0, 10)


@attempt
def terminal():
    open("/dev/tty").close()


# G52: rights, and sandboxes inside


@attempt
def capabilities():
    status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
    assert int(status["CapEff"], 16) or int(status["CapBnd"], 16)


@attempt
def new_privileges():
    assert "NoNewPrivs:\t0" in open("/proc/self/status").read()


@attempt
def user_namespace():
    apart(lambda: checked(LIBC.unshare(0x10000000)))


@attempt
def user_namespace_by_clone():
    def clone():
        if syscall(56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0) == 0:
            os._exit(0)

    apart(clone)


@attempt
def mount():
    target = HOME.encode() + b"/mount"
    apart(lambda: (checked(LIBC.mount(b"none", target, b"tmpfs", 0, None)), LIBC.umount2(target, 0)))


@attempt
def change_root():
    apart(lambda: os.chroot("."))


def program(name, *arguments):
    path = shutil.which(name)
    if path is None:
        raise NotHere(f"{name} is not installed")
    subprocess.run([path, *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=20)


@attempt
def setuid_program():
    program("su", "-c", "true")


@attempt
def nested_by_unshare():
    program("unshare", "--user", "--map-root-user", "--mount", "true")


@attempt
def nested_by_bwrap():
    program("bwrap", "--ro-bind", "/", "/", "true")


@attempt
def nested_by_docker():
    if not os.path.exists("/var/run/docker.sock") and PLACE["level"] == "none":
        raise NotHere("no Docker runs")
    program("docker", "ps")


# G27: a file as large as a disk


@attempt
def sparse_file():
    with open("sparse.bin", "wb") as file:
        file.truncate(4 << 40)


# G33: what a run needs


@attempt
def need_data():
    assert len(open(DATA).read()) > 1000


@attempt
def need_folder():
    write("inside.txt")
    os.mkfifo("pipe")
    os.link("inside.txt", "second-name.txt")


@attempt
def need_temporary_files():
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x")


@attempt
def need_programs():
    subprocess.run(["true"], check=True)


@attempt
def need_socket_pair():
    for end in socket.socketpair():
        end.close()


POOL = """
import multiprocessing, sys
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        assert pool.map(abs, [-1, -2]) == [1, 2]
"""


def pool(how):
    with open("pool.py", "w") as file:
        file.write(POOL)
    done = subprocess.run([sys.executable, "-I", "-B", "pool.py", how], capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])


@attempt
def need_pool_by_fork():
    pool("fork")


@attempt
def need_pool_by_spawn():
    pool("spawn")


@attempt
def need_pool_by_forkserver():
    pool("forkserver")


@attempt
def need_joblib():
    import joblib

    assert joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(number) for number in (-1, -2)) == [1, 2]


# G39 to G44: what is left for the workbench to find


def leave():
    os.mkdir("figures")
    with open("figures/good.png", "wb") as file:
        file.write(bytes.fromhex("89504e470d0a1a0a"))
    with open("figures/page.html", "w") as file:
        file.write("<script>fetch('http://127.0.0.1')</script>")
    os.symlink(HOME + "/secret.txt", "figures/link.png")
    os.symlink("../../../../../../penguins.csv", "figures/up.png")
    os.mkfifo("figures/pipe.png")
    os.link("figures/page.html", "page.html")
    for name in ["odd\nname.png", "\u202egnp.exe", "-" * 251 + ".png"]:
        write(os.path.join("figures", name))
    open(b"figures/\xff.png", "w").close()
    os.symlink(HOME + "/secret.txt", "report.md")
    os.mkfifo("report.json")
    with open("model.pkl", "wb") as file:
        file.write(b"cos\nsystem\n(S'touch unpickled'\ntR.")


def main():
    found = {}
    for function in ATTEMPTS:
        name = function.__name__
        try:
            got = function()
            found[name] = ["done", str(got)]
        except NotHere as reason:
            found[name] = ["not attempted here", str(reason)]
        except BaseException as error:
            number = getattr(error, "errno", None)
            found[name] = ["refused", f"{errno.errorcode.get(number) or type(error).__name__}: {error}"]
        print(name, *found[name])
    leave()
    with open("attempts.json", "w") as file:
        json.dump(found, file, indent=1)


if __name__ == "__main__":
    main()
