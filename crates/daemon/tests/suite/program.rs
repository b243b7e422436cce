//! Running the program.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use habeas_test_support::daemon::DaemonOptions;
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};
use tempfile::TempDir;

/// A folder with a configuration, and the program in it.
pub(crate) struct Program {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// What a run printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }

    /// Standard error as JSON.
    pub(crate) fn problem(&self) -> Value {
        serde_json::from_str(&self.err).unwrap()
    }
}

impl Program {
    /// In a new folder, with this configuration.
    pub(crate) fn with(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("habeas.toml"), config).unwrap();
        Self { folder, environment: Vec::new() }
    }

    /// In a new folder, with this configuration and a new installation.
    pub(crate) fn installed(config: &str) -> Self {
        let program = Self::with(config);
        let made = program.run(&["migrate"]);
        assert_eq!(made.code, 0, "{made:?}");
        program
    }

    /// How the daemon is started in its folder, to listen on this port.
    pub(crate) fn serving(&self, port: u16) -> DaemonOptions {
        DaemonOptions::new()
            .program(env!("CARGO_BIN_EXE_habeas"))
            .arg("serve")
            .current_dir(self.path(""))
            .env("HABEAS__HTTP__LISTEN", format!("127.0.0.1:{port}"))
            .ready_port(port)
    }

    /// Registers the store `shop` by this manifest, and makes its tables and rows in `shop.db`.
    pub(crate) async fn open_shop(&self, manifest: &str, rows: &'static str) {
        self.write("habeas-data/stores/shop.toml", manifest);
        let file = format!("sqlite://{}?mode=rwc", self.path("shop.db").display());
        let mut db = SqliteConnection::connect(&file).await.unwrap();
        sqlx::raw_sql(rows).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    }

    /// One more environment variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        run(self.folder.path(), &self.environment, arguments)
    }

    /// Runs it to its end as a mail server does, with a mail on standard input.
    pub(crate) fn pipe(&self, arguments: &[&str], mail: &str) -> Ran {
        self.write("stdin.eml", mail);
        let input = std::fs::File::open(self.path("stdin.eml")).unwrap();
        run_on(self.folder.path(), &self.environment, arguments, input.into())
    }
}

/// Runs the program with nothing of this process's own settings.
pub(crate) fn run(folder: &Path, environment: &[(String, String)], arguments: &[&str]) -> Ran {
    run_on(folder, environment, arguments, Stdio::null())
}

fn run_on(folder: &Path, environment: &[(String, String)], arguments: &[&str], input: Stdio) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_habeas"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("COLUMNS", "100")
        .stdin(input)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap();
    let shown =
        |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&folder.display().to_string(), "[folder]");
    Ran { code: output.status.code().unwrap_or(-1), out: shown(&output.stdout), err: shown(&output.stderr) }
}
