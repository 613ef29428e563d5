//! Linux: resource limits, Landlock for files and network, seccomp for what Landlock does not know.

use std::collections::BTreeMap;
use std::fs;
use std::os::fd::RawFd;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use super::{Policy, SCRATCH};
use crate::domain::run::Level;

/// Most processes and threads inside the namespaces of one run.
const MAX_PROCESSES: u64 = 512;

/// Leaves the program that started us: its terminal, the files it had open, and, should it end, the world.
pub(super) fn detach(starter: &str) -> Result<()> {
    close_inherited(-1);
    // A new session has no terminal to write to.
    let _ = rustix::process::setsid();
    stand_back();
    end_with_parent()?;
    // It may have ended before that signal was set.
    let parent = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().to_string());
    if parent.as_deref() == Some(starter) { Ok(()) } else { bail!("the program that started this one has ended") }
}

/// Lets others go first: the screen stays quick while runs compute, and where memory is short the system ends a run and
/// not the workbench. Neither is a promise, so a refusal is no reason to stop.
fn stand_back() {
    let _ = rustix::process::nice(5);
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
}

/// Ends this process when the thread that started it ends.
pub(super) fn end_with_parent() -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL)).context("setting the parent-death signal")
}

/// Closes what somebody left open above standard error, except one. Neither Landlock nor a new root would hide it.
pub(super) fn close_inherited(except: RawFd) {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else { return };
    let open: Vec<RawFd> = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for number in open {
        if number > 2 && number != except {
            let _ = nix::unistd::close(number); // the one of this list is closed already
        }
    }
}

/// Lets go of standard input, output and error, so that they close when the program that uses them ends.
pub(super) fn release_standard_streams() -> Result<()> {
    let nothing = fs::File::options().read(true).write(true).open("/dev/null").context("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    Ok(())
}

/// Gives up everything that the policy does not grant. Can't be undone.
pub(super) fn confine(policy: &Policy) -> Result<()> {
    limit(policy)?;
    if policy.level == Level::None {
        return Ok(());
    }
    drop_capabilities().context("giving up the rights of root")?;
    // Giving up rights may have cleared it.
    end_with_parent()?;
    // What is called reduced promises nothing about files, so that it is the same on every kernel.
    let enforced = if policy.level == Level::Reduced { Enforced::No } else { restrict_files(policy)? };
    // In namespaces there is nothing outside that it would have to protect.
    if policy.level == Level::Standard && enforced == Enforced::No {
        bail!("the kernel does not enforce the file rules that this run was promised");
    }
    // With the network of the system come its abstract sockets. Only the newest rules keep them away.
    let may_unix = policy.level == Level::Full && (!policy.network || enforced == Enforced::Whole);
    let mut families = if may_unix { vec![libc::AF_UNIX] } else { Vec::new() };
    if policy.network {
        families.extend([libc::AF_INET, libc::AF_INET6]);
    }
    for program in filters(policy.level, &families)? {
        seccompiler::apply_filter(&program).context("installing the system call filter")?;
    }
    Ok(())
}

/// Root keeps its name and loses its rights: with them it could read the memory map and the environment of any process,
/// which Landlock alone does not prevent for a holder of `CAP_PERFMON`.
fn drop_capabilities() -> Result<()> {
    use rustix::thread::{
        CapabilitiesSecureBits, CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
        remove_capability_from_bounding_set, set_capabilities, set_capabilities_secure_bits,
    };
    if capabilities(None)?.permitted.is_empty() {
        return Ok(());
    }
    set_capabilities_secure_bits(CapabilitiesSecureBits::NO_ROOT | CapabilitiesSecureBits::NO_ROOT_LOCKED)?;
    let _ = clear_ambient_capability_set();
    // Numbers beyond what this kernel knows are refused, which is as good.
    for number in 0..64 {
        let _ = remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << number));
    }
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    if capabilities(None)?.permitted.is_empty() { Ok(()) } else { bail!("they could not be given up") }
}

fn limit(policy: &Policy) -> Result<()> {
    let limits = policy.limits;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let fixed = |value: u64| Rlimit { current: Some(value), maximum: Some(value) };
    let mut all = vec![
        (Resource::Core, 0),
        (Resource::Nofile, 1024),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Data, limits.memory_bytes),
        (Resource::Cpu, limits.wall_s.saturating_mul(cores).max(1)),
    ];
    if policy.level == Level::Full {
        // Counts what is in the namespace of users; elsewhere it would count all that the user runs.
        all.push((Resource::Nproc, MAX_PROCESSES));
    }
    for (resource, value) in all {
        setrlimit(resource, fixed(value)).with_context(|| format!("limiting {resource:?}"))?;
    }
    Ok(())
}

/// How much of the rules for files the kernel keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Enforced {
    No,
    /// What is promised, and not all that is asked for.
    Promised,
    Whole,
}

fn restrict_files(policy: &Policy) -> Result<Enforced> {
    let abi = ABI::V6;
    let is_full = policy.level == Level::Full;
    // Files are promised at ABI 3 and above; network and scopes are a second lock behind seccomp. In namespaces all of
    // it is a second lock.
    let promised = if is_full { CompatLevel::BestEffort } else { CompatLevel::HardRequirement };
    let mut ruleset = Ruleset::default()
        .set_compatibility(promised)
        .handle_access(AccessFs::from_all(ABI::V3))
        .map_err(|_| anyhow!("this kernel has no Landlock, or one too old to protect files"))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .scope(Scope::from_all(abi))?;
    if !policy.network {
        ruleset = ruleset.handle_access(AccessNet::from_all(abi))?;
    }
    let ruleset = ruleset.create().context("Landlock")?;
    let ruleset = grant(ruleset, &policy.read, AccessFs::from_read(abi))?;
    let mut write = AccessFs::from_all(abi) & !AccessFs::Execute & !AccessFs::MakeBlock & !AccessFs::MakeChar;
    let mut folders = policy.write.clone();
    if is_full {
        folders.extend(["/tmp", "/dev/shm", SCRATCH].map(PathBuf::from));
    } else {
        write &= !AccessFs::MakeSock;
    }
    let ruleset = grant(ruleset, &folders, write)?;
    let devices = ["/dev/null", "/dev/zero", "/dev/full"].map(PathBuf::from);
    let ruleset = grant(ruleset, &devices, AccessFs::ReadFile | AccessFs::WriteFile)?;
    let status = ruleset.restrict_self().context("Landlock")?;
    Ok(match status.ruleset {
        RulesetStatus::NotEnforced => Enforced::No,
        // Best effort leaves out what an older kernel does not know beyond ABI 3.
        RulesetStatus::PartiallyEnforced => Enforced::Promised,
        RulesetStatus::FullyEnforced => Enforced::Whole,
    })
}

fn grant(
    mut ruleset: RulesetCreated,
    paths: &[PathBuf],
    access: landlock::BitFlags<AccessFs>,
) -> Result<RulesetCreated> {
    for path in paths {
        let Ok(fd) = PathFd::new(path) else { continue };
        let access = if path.is_dir() { access } else { access & AccessFs::from_file(ABI::V6) };
        ruleset =
            ruleset.add_rule(PathBeneath::new(fd, access)).with_context(|| format!("granting {}", path.display()))?;
    }
    Ok(ruleset)
}

/// Calls that are refused with *operation not permitted*, so that Python says so in words.
const REFUSED: [i64; 37] = [
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_fsconfig,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_pidfd_getfd,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_acct,
    libc::SYS_open_by_handle_at,
];

/// Ways to memory and queues of other programs of the same user that have no path. Namespaces have their own.
const SHARED: [i64; 4] = [libc::SYS_shmget, libc::SYS_semget, libc::SYS_msgget, libc::SYS_mq_open];

fn filters(level: Level, families: &[i32]) -> Result<Vec<BpfProgram>> {
    let arch = std::env::consts::ARCH.try_into().map_err(|_| anyhow!("no system call filter for this processor"))?;
    let mut refused: BTreeMap<i64, Vec<SeccompRule>> = REFUSED.into_iter().map(|call| (call, Vec::new())).collect();
    if level != Level::Full {
        refused.extend(SHARED.into_iter().map(|call| (call, Vec::new())));
    }
    refused.insert(libc::SYS_socket, refuse_sockets_but(families)?);
    // A namespace of users of its own would give capabilities back.
    let new_user = u64::try_from(libc::CLONE_NEWUSER)?;
    let condition = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(new_user), new_user)?;
    refused.insert(libc::SYS_clone, vec![SeccompRule::new(vec![condition])?]);
    // Typing into the terminal that started us.
    let tiocsti = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, libc::TIOCSTI)?;
    refused.insert(libc::SYS_ioctl, vec![SeccompRule::new(vec![tiocsti])?]);
    let refuse = |calls, errno: i32| -> Result<BpfProgram> {
        let action = SeccompAction::Errno(u32::try_from(errno)?);
        Ok(SeccompFilter::new(calls, SeccompAction::Allow, action, arch)?.try_into()?)
    };
    // Its flags lie behind a pointer, where a filter can't look; the C library falls back to clone.
    let hidden = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    let mut programs = vec![refuse(refused, libc::EPERM)?, refuse(hidden, libc::ENOSYS)?];
    if cfg!(target_arch = "x86_64") {
        programs.push(no_x32()?);
    }
    Ok(programs)
}

/// Rules that refuse every socket but those of these families. No rule at all refuses every one.
fn refuse_sockets_but(families: &[i32]) -> Result<Vec<SeccompRule>> {
    if families.is_empty() {
        return Ok(Vec::new());
    }
    let family = |op, family: i32| -> Result<SeccompCondition> {
        Ok(SeccompCondition::new(0, SeccompCmpArgLen::Dword, op, u64::try_from(family)?)?)
    };
    let others = families.iter().map(|one| family(SeccompCmpOp::Ne, *one)).collect::<Result<Vec<_>>>()?;
    let mut rules = vec![SeccompRule::new(others)?];
    for internet in families.iter().copied().filter(|family| *family != libc::AF_UNIX) {
        // The type lies in the lowest bits, flags above it. Anything but a stream or datagrams reaches deeper.
        for kind in (0..16).filter(|kind| ![libc::SOCK_STREAM, libc::SOCK_DGRAM].contains(kind)) {
            let is_kind = SeccompCmpOp::MaskedEq(0xf);
            let kind = SeccompCondition::new(1, SeccompCmpArgLen::Dword, is_kind, u64::try_from(kind)?)?;
            rules.push(SeccompRule::new(vec![family(SeccompCmpOp::Eq, internet)?, kind])?);
        }
    }
    Ok(rules)
}

/// Calls of the x32 interface have numbers of their own, which a list of numbers does not see. Nobody needs them.
fn no_x32() -> Result<BpfProgram> {
    let line = |code: u32, jt: u8, jf: u8, k: u32| -> Result<seccompiler::sock_filter> {
        Ok(seccompiler::sock_filter { code: u16::try_from(code)?, jt, jf, k })
    };
    let not_there = libc::SECCOMP_RET_ERRNO | u32::try_from(libc::ENOSYS)?;
    Ok(vec![
        // The number of the call is what comes first.
        line(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0)?,
        line(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0, 1, 0x4000_0000)?,
        line(libc::BPF_RET | libc::BPF_K, 0, 0, not_there)?,
        line(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW)?,
    ])
}
