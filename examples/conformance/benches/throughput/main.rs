//! What the endpoints cost: liveness against a plain handler of the same framework, and an ordinary
//! page with the no-log filter against the same page without it.
//!
//! `cargo bench -p conformance` measures all four frameworks, each in a process of its own, and
//! prints the ratios. Both sides of a ratio are asked in turns, 20 ms each, in one process, so that
//! whatever else the machine does befalls both alike; the ratio is the median of the turns. Ends with
//! 1 when a ratio is below its minimum.

mod load;
mod rocket_log;

use std::{
    env,
    error::Error,
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    process::{Command, ExitCode, Stdio},
    sync::Arc,
};

use conformance::{Application, Framework, Logging, Running};

use crate::load::{Load, Ratio};

/// The smallest share of a bare handler's throughput that liveness may have.
const MIN_LIVENESS: f64 = 0.95;
/// The smallest share of an unfiltered page's throughput that a page may have.
const MIN_FILTERED: f64 = 0.98;

const FIXTURE: &str = r#"{"checks": {"db": {}}}"#;

/// Says in the child which framework it measures.
const FRAMEWORK: &str = "--framework";

type BoxError = Box<dyn Error + Send + Sync>;

fn main() -> Result<ExitCode, BoxError> {
    let arguments: Vec<String> = env::args().collect();
    let framework = arguments.iter().position(|argument| argument == FRAMEWORK);
    match framework.and_then(|index| arguments.get(index + 1)) {
        Some(framework) => measure(framework.parse()?),
        None => measure_all(),
    }
}

/// Measures each framework in a child, since a process has one logger; what it logs is thrown away.
fn measure_all() -> Result<ExitCode, BoxError> {
    let mut out = io::stdout();
    writeln!(
        out,
        "{:<8} {:<38} {:>9} {:>9} {:>6}  minimum",
        "", "", "1/s", "1/s of", "ratio"
    )?;
    let mut is_enough = true;
    for framework in Framework::ALL {
        let status = Command::new(env::current_exe()?)
            .args([FRAMEWORK, framework.name()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        is_enough &= status.success();
    }
    Ok(if is_enough {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[tokio::main]
async fn measure(framework: Framework) -> Result<ExitCode, BoxError> {
    let filter = match framework {
        Framework::Rocket => {
            rocket_log::install()?;
            rocket_log::switch
        }
        _ => |_| {},
    };
    let silent = start(framework, Logging::Off).await?;
    let liveness = tokio::task::spawn_blocking(move || {
        let ratio = Ratio::measure(
            &mut Load::new(silent.address(), "/z/health/liveness", || {})?,
            &mut Load::new(silent.address(), "/bare", || {})?,
        );
        ratio.map(|ratio| (ratio, silent))
    });
    let (liveness, silent) = liveness.await??;
    silent.stop().await;

    if framework != Framework::Rocket {
        conformance::init_logging(framework, Logging::All)?;
    }
    filter(false);
    let unfiltered = start(framework, Logging::All).await?;
    filter(true);
    let filtered = start(framework, Logging::WithoutProbes).await?;
    let page = tokio::task::spawn_blocking(move || {
        Ratio::measure(
            &mut Load::new(filtered.address(), "/", move || filter(true))?,
            &mut Load::new(unfiltered.address(), "/", move || filter(false))?,
        )
    });
    let results = [
        ("liveness, of a bare handler", liveness, MIN_LIVENESS),
        (
            "page with no-log filter, of one without",
            page.await??,
            MIN_FILTERED,
        ),
    ];
    for (what, ratio, minimum) in &results {
        writeln!(
            io::stdout(),
            "{:<8} {what:<38} {ratio}  {minimum}",
            framework.name()
        )?;
    }
    let is_enough = results
        .iter()
        .all(|(_, ratio, minimum)| ratio.median >= *minimum);
    Ok(if is_enough {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn start(framework: Framework, logging: Logging) -> Result<Running, BoxError> {
    let fixture = conformance::parse(FIXTURE).map_err(|problems| problems.join("; "))?;
    let app = Application::new(fixture).map_err(|problems| problems.join("; "))?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    conformance::start(framework, &Arc::new(app), logging, listen).await
}
