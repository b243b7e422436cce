use habeas_domain::{request::UnknownState, words};

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

words!(Purpose, or UnknownState:
    Identity = "identity", NewAddress = "new-address", Phone = "phone", Download = "download",
    OnFile = "on-file", Another = "another", Stop = "stop", Guardian = "guardian", Paper = "paper",
    Agent = "agent", AgentEnd = "agent-end", AgentDownload = "agent-download",
);

impl Purpose {
    /// Whether it opens a package, which no link alone does.
    pub const fn is_of_download(self) -> bool {
        matches!(self, Self::Download | Self::AgentDownload)
    }

    /// Whether it is evidence of who the person is.
    pub(crate) const fn is_of_identity(self) -> bool {
        matches!(self, Self::Identity | Self::Phone)
    }
}
