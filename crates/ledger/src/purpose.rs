use std::{fmt, str::FromStr};

use crate::LedgerError;

/// What a challenge proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// That the person holds the address the request names.
    Identity,
    /// That the person holds the new address of a correction.
    NewAddress,
    /// That the person holds the telephone that the stores know.
    Phone,
    /// That it is still the same person who fetches a package.
    Download,
    /// That the person holds an address on file to which something that they named leads.
    OnFile,
    /// Nothing: it lets a person for whom nothing was found name something else that they are known by.
    Another,
    /// That somebody at an address on file objects to a deletion.
    Stop,
    /// That a parent or guardian holds the address that they are named with.
    Guardian,
    /// Nothing by itself: it takes the paper that staff asked for.
    Paper,
    /// That an agent holds the address that they gave as theirs.
    Agent,
    /// That the person no longer wants an agent to act for them.
    AgentEnd,
    /// That it is the agent who fetches the package that the person let them have.
    AgentDownload,
}

impl Purpose {
    const ALL: [Self; 12] = [
        Self::Identity,
        Self::NewAddress,
        Self::Phone,
        Self::Download,
        Self::OnFile,
        Self::Another,
        Self::Stop,
        Self::Guardian,
        Self::Paper,
        Self::Agent,
        Self::AgentEnd,
        Self::AgentDownload,
    ];

    /// Whether it opens a package, which no link alone does.
    pub const fn is_of_download(self) -> bool {
        matches!(self, Self::Download | Self::AgentDownload)
    }

    /// Whether it is evidence of who the person is.
    pub(crate) const fn is_of_identity(self) -> bool {
        matches!(self, Self::Identity | Self::Phone)
    }

    /// The name used in columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::NewAddress => "new-address",
            Self::Phone => "phone",
            Self::Download => "download",
            Self::OnFile => "on-file",
            Self::Another => "another",
            Self::Stop => "stop",
            Self::Guardian => "guardian",
            Self::Paper => "paper",
            Self::Agent => "agent",
            Self::AgentEnd => "agent-end",
            Self::AgentDownload => "agent-download",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Purpose {
    type Err = LedgerError;
    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let found = Self::ALL.into_iter().find(|purpose| purpose.as_str() == text);
        found.ok_or(LedgerError::NotFound("purpose"))
    }
}
