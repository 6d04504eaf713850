//! What was measured, beside what it may be, on standard output.

use std::{fs, time::Duration};

/// What times have to keep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) p99: Duration,
    pub(crate) max: Duration,
}

/// All that was printed, as far as it matters in the end.
pub(crate) struct Figures {
    missed: Vec<String>,
    began: Ticks,
}

/// What the processors have done since the machine was started.
struct Ticks {
    busy: u64,
    all: u64,
}

impl Figures {
    pub(crate) fn begin() -> Self {
        println!("{} processors, load {}", processors(), averages());
        Self { missed: Vec::new(), began: Ticks::now() }
    }

    /// One line of it.
    pub(crate) fn row(&mut self, name: &str, mut times: Vec<Duration>, budget: Budget) {
        times.sort_unstable();
        let of = |percent: usize| times[(times.len() * percent).div_ceil(100).saturating_sub(1)];
        let (p50, p99, max) = (of(50), of(99), of(100));
        let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
        let kept = p99 <= budget.p99 && max <= budget.max;
        println!(
            "{name:<46}{:>8}{:>9}{:>9}{:>9}  p99 <= {}, max <= {} {}",
            times.len(),
            ms(p50),
            ms(p99),
            ms(max),
            budget.p99.as_millis(),
            budget.max.as_millis(),
            if kept { "ok" } else { "OVER" },
        );
        self.remember(name, kept);
    }

    /// A line in words.
    pub(crate) fn note(&mut self, name: &str, what: &str, kept: bool) {
        println!("{name:<46}{what} {}", if kept { "ok" } else { "OVER" });
        self.remember(name, kept);
    }

    /// How many requests were answered as they had to be, at what pace, and how many were not.
    pub(crate) fn load(&mut self, name: &str, (good, bad, lasted): (usize, usize, Duration)) {
        let pace = f64::from(u32::try_from(good).unwrap()) / lasted.as_secs_f64();
        self.note(name, &format!("{good:>8} answered, {pace:.0} each second; {bad} otherwise"), bad == 0);
    }

    /// Fails if a budget was missed.
    pub(crate) fn verdict(self) {
        let now = Ticks::now();
        let busy = (now.busy - self.began.busy) * 100 / (now.all - self.began.all).max(1);
        println!("\nload {} now; processors {busy} % busy meanwhile, this included", averages());
        assert!(self.missed.is_empty(), "over budget: {:?}", self.missed);
    }

    fn remember(&mut self, name: &str, kept: bool) {
        if !kept {
            self.missed.push(name.to_owned());
        }
    }
}

impl Ticks {
    fn now() -> Self {
        let text = fs::read_to_string("/proc/stat").unwrap();
        let line = text.lines().next().unwrap().split_whitespace().skip(1).take(8);
        let ticks: Vec<u64> = line.map(|number| number.parse().unwrap()).collect();
        let all = ticks.iter().sum();
        Self { busy: all - ticks[3] - ticks[4], all }
    }
}

/// Begins a table of times.
pub(crate) fn heading(title: &str) {
    println!("\n{title}");
    println!("{:<46}{:>8}{:>9}{:>9}{:>9}", "", "number", "p50, ms", "p99, ms", "max, ms");
}

fn processors() -> usize {
    std::thread::available_parallelism().unwrap().get()
}

/// Of the last 1, 5 and 15 minutes.
fn averages() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
