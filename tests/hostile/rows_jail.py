"""Rows: what a forked child gives up before the first line of student code."""

from __future__ import annotations

from tests.hostile.defence import Defence
from tests.hostile.switching import Change

_JAIL = "workers/guest/jail.py"
NO_USER = (
    Change(_JAIL, "        os.setresgid(cell.uid, cell.uid, cell.uid)\n", ""),
    Change(_JAIL, "        os.setresuid(cell.uid, cell.uid, cell.uid)\n", "        pass\n"),
)
NO_DROP = Change(_JAIL, "    kernel.drop_capabilities()\n", "")
OPEN_DESCRIPTORS = Change(_JAIL, "    kernel.close_descriptors_from(RESULTS + 1)\n", "")
NO_FILTER = Change(_JAIL, "    seccomp.install(memory_is_counted=counted.memory)\n", "")
_LIMIT = "        resource.RLIMIT_{}: {},\n"

ROWS = (
    Defence(
        "A user of its own",
        "no job is root, or whom the supervisor is",
        NO_USER,
        "escape/powers_of_root",
        "GOT THROUGH: is root",
    ),
    Defence(
        "First to be ended",
        "when the machine runs out of memory, before the supervisor and everybody else",
        (Change(_JAIL, "    _raise_oom_score()\n", ""),),
        "escape/asks_to_be_spared",
        "GOT THROUGH: others would end first",
    ),
    Defence(
        "Files of its own",
        "nobody else may see them",
        (
            Change(_JAIL, "    os.umask(0o077)\n", ""),
            Change("workers/guest/__main__.py", "    os.umask(0o077)\n", "    os.umask(0o022)\n"),
        ),
        "escape/files_for_everybody",
        "GOT THROUGH: everybody may see",
        together="The supervisor has that mask as well: both are off.",
    ),
    Defence(
        "Capabilities",
        "a job has none",
        (*NO_USER, NO_DROP),
        "escape/powers_of_root",
        "GOT THROUGH: has CapPrm",
        together="Another user loses them as well: both are off.",
    ),
    Defence(
        "A supervisor that nobody looks into",
        "its memory and its descriptors are closed to a job",
        (
            *NO_USER,
            NO_DROP,
            Change("workers/guest/supervisor.py", "        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)\n", ""),
        ),
        "escape/looks_into_process_one",
        "GOT THROUGH: looks into mem of 1",
        together="Another user, and fewer capabilities, keep it out as well: all three are off.",
    ),
    Defence(
        "Closed descriptors",
        "a job cannot speak to the host in the supervisor's name",
        (OPEN_DESCRIPTORS,),
        "forged_claim/frames_of_the_supervisor",
        '"reason": "crashed"',
    ),
    Defence(
        "The job's nonce",
        "a frame that does not name the job is not believed",
        (
            OPEN_DESCRIPTORS,
            Change(
                "workers/sandbox/conversation.py",
                'if frame.get("format") != 1 or frame.get("job") != nonce:',
                'if frame.get("format") != 1:',
            ),
        ),
        "forged_claim/frames_of_the_supervisor",
        "GOT THROUGH: speaks for the supervisor",
        together="Without the descriptor there is nothing to write it to: both are off.",
    ),
    Defence(
        "Inherited descriptors",
        "nothing that the worker has open is open inside",
        (
            Change("workers/sandbox/bubblewrap.py", "close_fds=True", "close_fds=False"),
            OPEN_DESCRIPTORS,
        ),
        "escape/looks_into_process_one",
        "canaries told: ['host_files'",
        together="The worker and the jail both close them: both are off.",
    ),
    Defence(
        "Core files",
        "none, whatever a job does",
        (Change(_JAIL, "resource.RLIMIT_CORE: ", "resource.RLIMIT_RTTIME: "),),
        "exhaustion/aborts",
        "GOT THROUGH: a core file",
    ),
    Defence(
        "Open files",
        "256 descriptors for a process",
        (Change(_JAIL, _LIMIT.format("NOFILE", 256), ""),),
        "exhaustion/open_files",
        "GOT THROUGH: 2000 descriptors",
    ),
    Defence(
        "Size of a file",
        "no larger than the disk may be",
        (Change(_JAIL, _LIMIT.format("FSIZE", "limits.disk_mib * _MIB"), ""),),
        "exhaustion/sparse_and_huge_file",
        '"reason": "bad_result"',
    ),
    Defence(
        "The stack",
        "16 MiB, and not to be raised",
        (Change(_JAIL, _LIMIT.format("STACK", "16 * _MIB"), ""),),
        "exhaustion/deep_recursion",
        "_limit",
    ),
    Defence(
        "Message queues",
        "no place for one",
        (Change(_JAIL, _LIMIT.format("MSGQUEUE", 0), ""), NO_FILTER),
        "escape/messages_to_the_next_job",
        "GOT THROUGH: a message queue",
        together="The filter refuses the calls: both are off.",
    ),
)
