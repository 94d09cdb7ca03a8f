//! Diagnostics on stderr: warnings, and with `-v` what the library does.

use tracing_subscriber::EnvFilter;

use crate::args::GlobalArgs;

/// Starts logging. `MIGRATION_LOG` (a filter like `debug` or `migration_sql=trace`) wins over `-q` and `-v`.
pub(crate) fn start(flags: &GlobalArgs) {
    let level = match (flags.quiet, flags.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "info",
        (false, 2) => "debug",
        _ => "trace",
    };
    let filter = std::env::var("MIGRATION_LOG").ok().and_then(|filter| EnvFilter::try_new(filter).ok());
    let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let logging = tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|| EnvFilter::new(level)))
        .with_writer(std::io::stderr)
        .with_ansi(colour)
        .with_target(false)
        .without_time()
        .try_init();
    // Only tests start it twice.
    drop(logging);
}
