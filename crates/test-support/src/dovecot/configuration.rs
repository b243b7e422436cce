//! The configuration of a Dovecot (2.3) that runs under one unprivileged account, wholly inside its folder.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use nix::unistd::{Gid, Group, Uid, User};

use super::DOVECOT_PASSWORD;

pub(super) struct Configuration<'a> {
    pub(super) folder: &'a Path,
    pub(super) plain: u16,
    pub(super) tls: u16,
}

impl Configuration<'_> {
    pub(super) fn text(&self) -> Result<String> {
        let owner = std::fs::metadata(self.folder)?;
        let (uid, gid) = (owner.uid(), owner.gid());
        let user = User::from_uid(Uid::from_raw(uid))?.context("the folder's owner has no name")?.name;
        let group = Group::from_gid(Gid::from_raw(gid))?.context("the folder's group has no name")?.name;
        let Self { plain, tls, .. } = self;
        let folder = self.folder.display();
        Ok(format!(
            "protocols = imap\n\
             listen = 127.0.0.1\n\
             base_dir = {folder}/run\n\
             state_dir = {folder}/state\n\
             log_path = /dev/stderr\n\
             default_internal_user = {user}\n\
             default_internal_group = {group}\n\
             default_login_user = {user}\n\
             first_valid_uid = 1\n\
             first_valid_gid = 1\n\
             ssl = yes\n\
             ssl_cert = <{folder}/certificate.pem\n\
             ssl_key = <{folder}/key.pem\n\
             ssl_min_protocol = TLSv1.2\n\
             disable_plaintext_auth = no\n\
             auth_mechanisms = plain\n\
             mail_location = maildir:{folder}/mail/%u\n\
             mail_max_userip_connections = 200\n\
             imap_idle_notify_interval = 2 mins\n\
             passdb {{\n  driver = static\n  args = password={DOVECOT_PASSWORD}\n}}\n\
             userdb {{\n  driver = static\n  args = uid={uid} gid={gid} home={folder}/home/%u allow_all_users=yes\n}}\n\
             service anvil {{\n  chroot =\n}}\n\
             service imap-login {{\n  chroot =\n  process_min_avail = 1\n  \
             inet_listener imap {{\n    port = {plain}\n  }}\n  \
             inet_listener imaps {{\n    port = {tls}\n    ssl = yes\n  }}\n}}\n"
        ))
    }
}
