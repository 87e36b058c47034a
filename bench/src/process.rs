//! Processes that are measured: what they cost, and that they end.

use std::fs;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::sys::time::TimeValLike;
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// A child that is told to end when it is dropped, and killed if it does not.
pub(crate) struct Process {
    child: Child,
    name: &'static str,
}

impl Process {
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Process> {
        let child = command.spawn().with_context(|| format!("{name} does not start"))?;
        Ok(Process { child, name })
    }

    /// The child, for its pipes.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// CPU time since it started, of all its threads, to the nanosecond, and of the children it waited for, to 10 ms.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let clock = clock_getcpuclockid(self.pid())
            .and_then(clock_gettime)
            .with_context(|| format!("{} is not running any more", self.name))?;
        let own = Duration::new(clock.tv_sec().unsigned_abs(), u32::try_from(clock.tv_nsec())?);
        Ok(own + self.children_cpu()?)
    }

    fn children_cpu(&self) -> Result<Duration> {
        const TICKS: u64 = 100; // USER_HZ, which Linux shows to programs on every machine.
        let stat = self.read("stat")?;
        // The name in brackets may hold anything; what follows it does not.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
        let (user, system) = (ticks(13), ticks(14)); // cutime and cstime, 16 and 17 of proc(5), counted from the third.
        Ok(Duration::from_millis((user.unwrap_or(0) + system.unwrap_or(0)) * 1000 / TICKS))
    }

    /// The most memory it ever had resident, in bytes.
    pub(crate) fn peak_memory(&self) -> Result<f64> {
        self.memory("VmHWM:")
    }

    /// The memory it has resident now, in bytes.
    pub(crate) fn memory_now(&self) -> Result<f64> {
        self.memory("VmRSS:")
    }

    /// Of the memory that it has resident now what is its own alone, in bytes: the rest are pages of files, its program and its databases,
    /// which the kernel takes back when it needs them.
    pub(crate) fn own_memory_now(&self) -> Result<f64> {
        self.memory("RssAnon:")
    }

    fn memory(&self, field: &str) -> Result<f64> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix(field)).context("no memory is told")?;
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes * 1024.0)
    }

    fn read(&self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        fs::read_to_string(&path).with_context(|| format!("{} is not running any more", self.name))
    }

    /// Fails when it has ended by itself.
    pub(crate) fn must_run(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended by itself ({status})", self.name),
        }
    }

    /// Asks it to end, and waits.
    pub(crate) fn end(&mut self) -> Result<ExitStatus> {
        const PATIENCE: Duration = Duration::from_secs(15);
        if self.child.try_wait()?.is_none() {
            kill(self.pid(), Signal::SIGTERM)?;
        }
        let asked = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if asked.elapsed() > PATIENCE {
                self.child.kill()?;
                return Ok(self.child.wait()?);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            crate::progress::say(format!("{} may still be running: {error}", self.name));
        }
    }
}

/// CPU time of this process so far.
pub(crate) fn own_cpu() -> Result<Duration> {
    used(UsageWho::RUSAGE_SELF)
}

/// Bytes that this process has given to be written so far, to files and pipes, whether or not they have reached a disk.
pub(crate) fn own_written() -> Result<f64> {
    let told = fs::read_to_string("/proc/self/io")?;
    let written = told.lines().find_map(|line| line.strip_prefix("wchar:"));
    Ok(written.context("the kernel does not count what is written")?.trim().parse()?)
}

/// CPU time of every child of this process that has ended and was waited for.
pub(crate) fn ended_children_cpu() -> Result<Duration> {
    used(UsageWho::RUSAGE_CHILDREN)
}

fn used(who: UsageWho) -> Result<Duration> {
    let usage = getrusage(who)?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(microseconds.unsigned_abs()))
}

/// Asks until the answer is yes; fails after a while, naming what did not come.
pub(crate) fn wait_for(what: &str, mut is: impl FnMut() -> Result<bool>) -> Result<()> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let began = Instant::now();
    while !is()? {
        if began.elapsed() > PATIENCE {
            bail!("waited a minute for {what}, in vain");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// What a process cost over a stretch of time.
pub(crate) struct Cost {
    /// CPU seconds a minute.
    pub(crate) cpu_a_minute: f64,
    /// The most memory resident since the process started, in bytes.
    pub(crate) peak_memory: f64,
}

/// Watches a process for a while.
pub(crate) fn watch(process: &mut Process, how_long: Duration) -> Result<Cost> {
    let (began, before) = (Instant::now(), process.cpu()?);
    std::thread::sleep(how_long);
    let used = process.cpu()?.saturating_sub(before).as_secs_f64();
    let cpu_a_minute = used / began.elapsed().as_secs_f64() * 60.0;
    let peak_memory = process.peak_memory()?;
    process.must_run()?;
    Ok(Cost { cpu_a_minute, peak_memory })
}
