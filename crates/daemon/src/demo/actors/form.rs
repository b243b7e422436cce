//! The forms of our own pages, which are plain and well-formed.

/// A form that is sent by POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// Where it is sent.
    pub(super) action: String,
    /// Its hidden fields.
    pub(super) hidden: Vec<(String, String)>,
}

/// The first form of a page that is sent by POST.
pub(super) fn first(page: &str) -> Option<Form> {
    let start = page.find("<form method=\"post\"")?;
    let form = page.get(start..)?.split("</form>").next()?;
    let opening = form.split('>').next()?;
    let inputs = form.split("<input ").skip(1).filter_map(|rest| rest.split('>').next());
    let hidden = inputs.filter(|input| input.contains("type=\"hidden\""));
    Some(Form {
        action: attribute(opening, "action")?,
        hidden: hidden
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
            .collect(),
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let value = rest.split('"').next()?;
    Some(value.replace("&#x2f;", "/").replace("&#x3D;", "=").replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_action_and_hidden_fields() {
        let page = r#"<p>x</p><form method="post" action="/en/a"><input type="hidden" name="grant" value="ab">
            <input id="code" name="code" type="text"><button>Go</button></form>"#;
        let form = Form { action: "/en/a".to_owned(), hidden: vec![("grant".to_owned(), "ab".to_owned())] };
        assert_eq!(first(page), Some(form));
        assert_eq!(first("<p>none</p>"), None);
    }
}
