//! Tables of figures beside their budgets, on standard output. Where next: `rounds`, where figures come from.

use std::{fmt::Write as _, process::ExitCode};

/// How wide the first column is, and each of the others.
const NAME: usize = 58;
const FIGURE: usize = 11;

/// How many times its budget a figure of few rounds may be. On a machine that is busy with other things that many say
/// little more; a mistake in the code does not keep to it.
const SLACK: f64 = 1.25;

/// All that was printed, as far as it matters in the end.
pub(crate) struct Report {
    slack: f64,
    missed: Vec<String>,
}

/// What a figure must keep.
pub(crate) struct Budget {
    measured: f64,
    limit: f64,
    at_most: bool,
    unit: &'static str,
}

impl Budget {
    pub(crate) fn at_most(measured: f64, limit: f64, unit: &'static str) -> Self {
        Self { measured, limit, at_most: true, unit }
    }

    pub(crate) fn at_least(measured: f64, limit: f64, unit: &'static str) -> Self {
        Self { measured, limit, at_most: false, unit }
    }

    /// A figure that is none keeps nothing.
    fn is_kept(&self, slack: f64) -> bool {
        if self.at_most { self.measured <= self.limit * slack } else { self.measured >= self.limit / slack }
    }

    fn show(&self, slack: f64) -> String {
        let sign = if self.at_most { "<=" } else { ">=" };
        let (measured, limit) = (number(self.measured), number(self.limit));
        let verdict = match (self.is_kept(1.0), self.is_kept(slack)) {
            (true, _) => "ok",
            (false, true) => "over, which so few rounds do not prove",
            (false, false) => "OVER",
        };
        format!("{measured:>9}  {sign} {limit} {unit:<12} {verdict}", unit = self.unit)
    }
}

impl Report {
    /// Of an experiment in full.
    pub(crate) fn new() -> Self {
        Self { slack: 1.0, missed: Vec::new() }
    }

    /// Of one with few rounds.
    pub(crate) fn of_few_rounds() -> Self {
        Self { slack: SLACK, ..Self::new() }
    }

    /// One line of it.
    pub(crate) fn row(&mut self, name: &str, figures: &[f64], budget: Option<Budget>) {
        let figures: Vec<_> = figures.iter().map(|figure| number(*figure)).collect();
        let budget = budget.map(|budget| {
            if !budget.is_kept(self.slack) {
                self.missed.push(name.to_owned());
            }
            budget.show(self.slack)
        });
        println!("{}  {}", line(name, &figures), budget.unwrap_or_default());
    }

    /// Whether all budgets were kept; which were not goes to standard error.
    pub(crate) fn verdict(&self) -> ExitCode {
        for name in &self.missed {
            eprintln!("over budget: {name}");
        }
        if self.missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Begins a table.
pub(crate) fn heading(title: &str, columns: &[&str]) {
    println!("\n{}", line(title, columns));
}

fn line<T: AsRef<str>>(name: &str, cells: &[T]) -> String {
    let mut line = format!("{name:<NAME$}");
    for cell in cells {
        let _ = write!(line, "{:>FIGURE$}", cell.as_ref());
    }
    line
}

/// Three digits for what is small, thousands set apart in what is large, a dash for what is no figure.
fn number(figure: f64) -> String {
    if figure.is_nan() {
        return "-".to_owned();
    }
    if figure.abs() < 10.0 {
        return format!("{figure:.3}");
    }
    if figure.abs() < 1_000.0 || figure.is_infinite() {
        return format!("{figure:.1}");
    }
    let digits = format!("{figure:.0}");
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        let shown = [0.4567, 12.34, 999.0, 1_000.0, 123_456.0, 1_234_567.8, f64::NAN].map(number);
        assert_eq!(shown, ["0.457", "12.3", "999.0", "1_000", "123_456", "1_234_568", "-"]);
    }

    #[test]
    fn a_budget_missed_is_remembered() {
        let mut report = Report::new();
        report.row("kept", &[1.0], Some(Budget::at_most(1.15, 1.15, "x")));
        report.row("kept too", &[], Some(Budget::at_least(2.0, 1.0, "x")));
        assert_eq!(report.verdict(), ExitCode::SUCCESS);
        report.row("too much", &[], Some(Budget::at_most(1.16, 1.15, "x")));
        report.row("too little", &[], Some(Budget::at_least(0.94, 0.95, "x")));
        report.row("no figure", &[], Some(Budget::at_most(f64::NAN, 1.0, "x")));
        assert_eq!(report.missed, ["too much", "too little", "no figure"]);
        assert_eq!(report.verdict(), ExitCode::FAILURE);
    }

    #[test]
    fn few_rounds_prove_only_what_is_far_beyond() {
        let mut report = Report::of_few_rounds();
        report.row("a little", &[], Some(Budget::at_most(1.4, 1.15, "x")));
        report.row("a little less", &[], Some(Budget::at_least(0.8, 0.95, "x")));
        assert_eq!(report.verdict(), ExitCode::SUCCESS);
        report.row("far too much", &[], Some(Budget::at_most(1.5, 1.15, "x")));
        report.row("far too little", &[], Some(Budget::at_least(0.7, 0.95, "x")));
        assert_eq!(report.missed, ["far too much", "far too little"]);
    }
}
