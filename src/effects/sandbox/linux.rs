//! Linux: resource limits, Landlock for files and network, seccomp for what Landlock does not know.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use super::Policy;
use crate::domain::run::Level;

/// Gives up everything that the policy does not grant. Can't be undone.
pub(super) fn confine(policy: &Policy) -> Result<()> {
    // A new session has no terminal to write to.
    let _ = rustix::process::setsid();
    set_parent_process_death_signal(Some(Signal::KILL)).context("setting the parent-death signal")?;
    limit(policy)?;
    if policy.level == Level::None {
        return Ok(());
    }
    drop_capabilities().context("giving up the rights of root")?;
    let files = restrict_files(policy)?;
    if policy.level >= Level::Standard && files != RulesetStatus::FullyEnforced {
        bail!("the kernel does not enforce the file rules that this run was promised");
    }
    for program in filters()? {
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
    for (resource, value) in [
        (Resource::Core, 0),
        (Resource::Nofile, 1024),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Data, limits.memory_bytes),
        (Resource::Cpu, limits.wall_s.saturating_mul(cores).max(1)),
    ] {
        setrlimit(resource, fixed(value)).with_context(|| format!("limiting {resource:?}"))?;
    }
    Ok(())
}

fn restrict_files(policy: &Policy) -> Result<RulesetStatus> {
    let abi = ABI::V6;
    // Files are promised at ABI 3 and above; network and scopes are a second lock behind seccomp.
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V3))
        .context("Landlock")?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()
        .context("Landlock")?;
    let ruleset = grant(ruleset, &policy.read, AccessFs::from_read(abi))?;
    let ruleset = grant(
        ruleset,
        &policy.write,
        AccessFs::from_all(abi) & !AccessFs::Execute & !AccessFs::MakeSock & !AccessFs::MakeBlock & !AccessFs::MakeChar,
    )?;
    let devices = ["/dev/null", "/dev/zero", "/dev/full"].map(std::path::PathBuf::from);
    let ruleset = grant(ruleset, &devices, AccessFs::ReadFile | AccessFs::WriteFile)?;
    let status = ruleset.restrict_self().context("Landlock")?;
    Ok(match status.ruleset {
        RulesetStatus::NotEnforced => RulesetStatus::NotEnforced,
        // Best effort leaves out what an older kernel does not know beyond ABI 3.
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => RulesetStatus::FullyEnforced,
    })
}

fn grant(
    mut ruleset: RulesetCreated,
    paths: &[std::path::PathBuf],
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
const REFUSED: [i64; 36] = [
    libc::SYS_socket,
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

fn filters() -> Result<Vec<BpfProgram>> {
    let arch =
        std::env::consts::ARCH.try_into().map_err(|_| anyhow::anyhow!("no system call filter for this processor"))?;
    let mut refused: BTreeMap<i64, Vec<SeccompRule>> = REFUSED.into_iter().map(|call| (call, Vec::new())).collect();
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
    Ok(vec![refuse(refused, libc::EPERM)?, refuse(hidden, libc::ENOSYS)?])
}
