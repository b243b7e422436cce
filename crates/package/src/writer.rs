//! Writing a package from front to back.

use std::io::Write;

use crate::{
    CollectionInfo, FileEntry, ManifestContent, PackageError, PackageInfo, RowSource, Sign, Withheld,
    archive::{Archive, Reach},
    collection::{self, Collected},
    manifest::{self, CollectionEntry, Manifest, Signing},
    page::{self, Contents},
    path::PathBook,
    preview::Budget,
};

/// Writes a package into anything that takes bytes; the caller seals them.
///
/// Call [`collection`](Self::collection) for each collection, [`withheld`](Self::withheld) if anything is withheld,
/// then [`finish`](Self::finish). After an error what was written must be thrown away: it has no manifest, so
/// [`verify`](crate::verify()) refuses it.
pub struct PackageWriter<W: Write> {
    archive: Archive<W>,
    info: PackageInfo,
    paths: PathBook,
    budget: Budget,
    collected: Vec<Collected>,
    withheld: Vec<Withheld>,
    whole: bool,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Every file of the archive, the manifest included.
    pub files: Vec<FileEntry>,
    /// How many rows there are in all.
    pub rows: u64,
    /// SHA-256 of the archive itself, in hexadecimal.
    pub sha256: String,
    /// The length of the archive itself.
    pub bytes: u64,
}

impl<W: Write> PackageWriter<W> {
    /// Begins a package. Nothing is written yet.
    pub fn new(out: W, info: PackageInfo) -> Result<Self, PackageError> {
        page::pages()?;
        Ok(Self {
            archive: Archive::new(out, info.created_at),
            info,
            paths: PathBook::default(),
            budget: Budget::default(),
            collected: Vec::new(),
            withheld: Vec::new(),
            whole: true,
        })
    }

    /// Writes one collection: its rows as JSON and CSV, and its schema. Says how many rows there were.
    ///
    /// Collections of one product are shown together, in the order in which they come.
    pub fn collection(
        &mut self,
        info: CollectionInfo,
        source: &mut dyn RowSource,
    ) -> Result<u64, PackageError> {
        if !self.whole {
            return Err(PackageError::Broken);
        }
        self.whole = false;
        let paths = self.paths.paths(&info.store, &info.collection);
        let collected = collection::write(&mut self.archive, &mut self.budget, paths, info, source)?;
        let rows = collected.rows;
        self.collected.push(collected);
        self.whole = true;
        Ok(rows)
    }

    /// Adds to what `withheld.html` lists.
    pub fn withheld(&mut self, withheld: &[Withheld]) {
        self.withheld.extend_from_slice(withheld);
    }

    /// Writes the pages and the signed manifest, and gives the inner writer back.
    pub fn finish(mut self, signer: &dyn Sign) -> Result<(Summary, W), PackageError> {
        if !self.whole {
            return Err(PackageError::Broken);
        }
        self.pages()?;
        let content = self.manifest_content(signer);
        let rows = content.rows;
        let manifest = Manifest::sign(content, signer)?.to_bytes()?;
        self.archive.file(manifest::PATH, Reach::Short, |out| {
            out.write_all(&manifest)?;
            Ok(None)
        })?;
        let files = self.archive.files().to_vec();
        let sealed = self.archive.finish()?;
        Ok((Summary { files, rows, sha256: sealed.sha256, bytes: sealed.bytes }, sealed.out))
    }

    fn pages(&mut self) -> Result<(), PackageError> {
        let pages = page::pages()?;
        let contents = Contents::new(&self.info, &self.collected, &self.withheld);
        for name in page::NAMES {
            self.archive.file(name, Reach::Short, |out| pages.render(name, &contents, out).map(|()| None))?;
        }
        Ok(())
    }

    fn manifest_content(&self, signer: &dyn Sign) -> ManifestContent {
        let info = &self.info;
        ManifestContent {
            format: "habeas-package".to_owned(),
            version: manifest::VERSION,
            created_at: info.created_at,
            request: info.request,
            right: info.right,
            language: info.language,
            controller: info.controller.clone(),
            regime: info.regime.clone(),
            notice_version: info.notice_version.clone(),
            undone: info.undone.clone(),
            rows: self.collected.iter().map(|collected| collected.rows).sum(),
            withheld: self.withheld.len() as u64,
            collections: self.collected.iter().map(entry).collect(),
            files: self.archive.files().to_vec(),
            signing: Signing::by(signer),
        }
    }
}

impl<W: Write> std::fmt::Debug for PackageWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PackageWriter").field("request", &self.info.request).finish_non_exhaustive()
    }
}

fn entry(collected: &Collected) -> CollectionEntry {
    let Collected { info, paths, rows, .. } = collected;
    CollectionEntry {
        store: info.store.clone(),
        product: info.product.clone(),
        collection: info.collection.clone(),
        title: info.title.clone(),
        rows: *rows,
        json: paths.json.clone(),
        csv: paths.csv.clone(),
        schema: paths.schema.clone(),
    }
}
