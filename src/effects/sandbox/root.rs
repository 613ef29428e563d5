//! A new root: an empty file system in memory into which only the paths of the policy are mounted, under their own names.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};

use super::{Policy, SCRATCH};

/// Where the old root hangs while the new one is built.
const OLD: &str = "/.old";
/// Devices that every program may use.
const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
/// File systems in memory that code may write.
const IN_MEMORY: [&str; 2] = ["/tmp", "/dev/shm"];

/// Replaces everything that can be seen by what the policy names. Needs a mount namespace and a PID namespace.
pub(super) fn build(policy: &Policy) -> Result<()> {
    let base = policy.write.first().context("a sandbox needs a folder to write to")?;
    step("mounts", mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE))?;
    in_memory(base, "mode=0755,size=4m,nr_inodes=16k")?;
    let old = base.join(OLD.trim_start_matches('/'));
    fs::create_dir(&old)?;
    step("pivot_root", nix::unistd::pivot_root(base, &old))?;
    std::env::set_current_dir("/")?;

    for folder in ["/dev", "/proc", "/tmp", "/dev/shm"] {
        fs::create_dir(folder)?;
    }
    let share = |part: u64, most: u64| (policy.limits.memory_bytes / part).clamp(1 << 20, most);
    in_memory(Path::new("/tmp"), &format!("mode=1777,nr_inodes=32k,size={}", share(16, 512 << 20)))?;
    in_memory(Path::new("/dev/shm"), &format!("mode=1777,nr_inodes=32k,size={}", share(4, 2 << 30)))?;
    devices()?;
    let seen = bind_all(policy)?;
    // While the old /proc can still be seen: the kernel grants a new one only to whoever sees all of an old one.
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC | MsFlags::MS_RDONLY;
    step("mounting /proc", mount(Some("proc"), "/proc", Some("proc"), flags, NONE))?;
    step("leaving the old root", umount2(OLD, MntFlags::MNT_DETACH))?;
    fs::remove_dir(OLD)?;
    seal(&seen)
}

const NONE: Option<&str> = None;

fn step(what: &str, result: nix::Result<()>) -> Result<()> {
    result.map_err(|errno| anyhow!("namespaces are not available here ({what}: {errno:?})"))
}

fn in_memory(place: &Path, options: &str) -> Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    step("tmpfs", mount(Some("tmpfs"), place, Some("tmpfs"), flags, Some(options)))
}

/// Where a path of the old root is found now.
fn old(path: &Path) -> PathBuf {
    let mut whole = OsString::from(OLD);
    whole.push(path);
    whole.into()
}

fn bind(from: &Path, to: &Path) -> nix::Result<()> {
    mount(Some(from), to, NONE, MsFlags::MS_BIND | MsFlags::MS_REC, NONE)
}

fn devices() -> Result<()> {
    for device in DEVICES {
        fs::File::create(device)?;
        step(device, bind(&old(Path::new(device)), Path::new(device)))?;
    }
    for (name, target) in [("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")] {
        std::os::unix::fs::symlink(format!("/proc/self/fd{target}"), Path::new("/dev").join(name))?;
    }
    Ok(())
}

/// Mounts what the policy names; gives each place that was mounted, and whether it may be written.
fn bind_all(policy: &Policy) -> Result<BTreeMap<PathBuf, bool>> {
    let mut wanted = BTreeMap::new();
    let mut folders = Vec::new();
    let paths = policy.read.iter().map(|path| (path, false)).chain(policy.write.iter().map(|path| (path, true)));
    for (path, may_write) in paths {
        if path.starts_with("/proc") || DEVICES.iter().any(|device| path == Path::new(device)) {
            continue;
        }
        if let Some(real) = lay_path(path, &mut folders).with_context(|| format!("laying {}", path.display()))? {
            *wanted.entry(real).or_insert(may_write) |= may_write;
        }
    }
    // A link that code of an earlier process left there is not followed.
    let is_folder = |path: &Path| fs::symlink_metadata(old(path)).is_ok_and(|metadata| metadata.is_dir());
    let scratch = wanted.iter().find(|(_, may_write)| **may_write).map(|(folder, _)| folder.join("tmp"));
    let scratch = scratch.filter(|folder| is_folder(folder));
    if scratch.is_some() {
        fs::create_dir(SCRATCH)?;
    }
    // What is written beside the mounts would be lost, and what is listed there is little, so both are refused. Now,
    // because mounts hide these folders.
    for folder in folders {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o111))?;
    }
    let mut seen: BTreeMap<PathBuf, bool> = BTreeMap::new();
    // In this order folders come before what is in them.
    for (path, may_write) in wanted {
        if nearest(&seen, &path) != Some(may_write) {
            let bound = bind(&old(&path), &path);
            bound.map_err(|errno| anyhow!("{} can't be shown to the run: {errno:?}", path.display()))?;
            seen.insert(path, may_write);
        }
    }
    if let Some(folder) = scratch {
        step(SCRATCH, bind(&old(&folder), Path::new(SCRATCH)))?;
        seen.insert(SCRATCH.into(), true);
    }
    Ok(seen)
}

/// Whether the mount that a path lies in may be written.
fn nearest(seen: &BTreeMap<PathBuf, bool>, path: &Path) -> Option<bool> {
    path.ancestors().find_map(|above| seen.get(above).copied())
}

/// Makes the folders and links on the way to a path, and an empty file or folder at its end to mount on. Gives where the
/// path really leads, or nothing where it leads nowhere.
fn lay_path(path: &Path, folders: &mut Vec<PathBuf>) -> Result<Option<PathBuf>> {
    let mut rest: Vec<OsString> = Vec::new();
    push(&mut rest, path);
    let mut here = PathBuf::from("/");
    let mut n_links = 0;
    while let Some(name) = rest.pop() {
        if name == ".." {
            here.pop();
            continue;
        }
        let next = here.join(&name);
        let Ok(metadata) = fs::symlink_metadata(old(&next)) else { return Ok(None) };
        let is_new = fs::symlink_metadata(&next).is_err();
        if metadata.is_symlink() {
            n_links += 1;
            if n_links > 40 {
                return Ok(None);
            }
            let target = fs::read_link(old(&next))?;
            if is_new {
                std::os::unix::fs::symlink(&target, &next)?;
            }
            if target.is_absolute() {
                here = PathBuf::from("/");
            }
            push(&mut rest, &target);
            continue;
        }
        if is_new && metadata.is_dir() {
            fs::create_dir(&next)?;
            folders.push(next.clone());
        } else if is_new {
            fs::File::create(&next)?;
        }
        here = next;
    }
    if here == Path::new("/") {
        bail!("the whole file system can't be shown to a run");
    }
    Ok(Some(here))
}

/// Puts the parts of a path on a stack, the first one on top.
fn push(stack: &mut Vec<OsString>, path: &Path) {
    for part in path.components().rev() {
        match part {
            Component::Normal(name) => stack.push(name.to_owned()),
            Component::ParentDir => stack.push("..".into()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
}

/// Makes everything read-only that is not to be written, also what was mounted below a folder before.
fn seal(seen: &BTreeMap<PathBuf, bool>) -> Result<()> {
    let table = fs::read("/proc/self/mountinfo")?;
    let mut mounts: Vec<(PathBuf, String)> = table.split(|byte| *byte == b'\n').filter_map(mount_point).collect();
    // The root comes last, though it need not.
    mounts.sort_by(|one, other| other.0.cmp(&one.0));
    for (place, options) in mounts {
        if place == Path::new("/proc") || IN_MEMORY.iter().any(|path| place == Path::new(path)) {
            continue;
        }
        let has = |word: &str| options.split(',').any(|option| option == word);
        let is_device = DEVICES.iter().any(|device| place == Path::new(device));
        let mut flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_NOSUID;
        flags.set(MsFlags::MS_NODEV, !is_device);
        flags.set(MsFlags::MS_NOEXEC, is_device || has("noexec"));
        flags.set(MsFlags::MS_RDONLY, has("ro") || nearest(seen, &place) != Some(true));
        match mount(NONE, &place, NONE, flags, NONE) {
            // What can't even be reached can't be written.
            Ok(()) | Err(Errno::EACCES | Errno::ENOENT) => {}
            Err(errno) => bail!("{} can't be made read-only: {errno:?}", place.display()),
        }
    }
    Ok(())
}

/// The place and the options of a mount, from a line of `mountinfo`.
fn mount_point(line: &[u8]) -> Option<(PathBuf, String)> {
    let mut fields = line.split(|byte| *byte == b' ').skip(4);
    let place = unescape(fields.next()?);
    let options = String::from_utf8_lossy(fields.next()?).into_owned();
    Some((place, options))
}

/// Blanks, tabs, line ends and backslashes are written as octal numbers.
fn unescape(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let octal = (*first == b'\\').then(|| after.get(..3)).flatten();
        let number = octal.and_then(|digits| u8::from_str_radix(OsStr::from_bytes(digits).to_str()?, 8).ok());
        match number {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    OsString::from_vec(bytes).into()
}
