//! `habeas mail explain`: what a mail says, without configuration and without a trace.

use crate::program::Program;

const TWO_RIGHTS: &str = "From: =?utf-8?B?5bGx55Sw6Iqx5a2Q?= <hanako@example.jp>\n\
    To: privacy@example.com\nSubject: =?utf-8?B?5YCL5Lq65oOF5aCx44Gu5Lu2?=\n\
    Date: Fri, 01 Mar 2024 12:34:56 +0900\nMessage-ID: <1@mail.example.jp>\n\
    Content-Type: text/plain; charset=utf-8\n\n\
    私の個人情報を開示してください。そのあと、すべて削除してください。\n電話は０９０－００００－００００です。\n\n\
    2024年2月1日(木) 10:00 窓口 <privacy@example.com>:\n> データを訂正しますか。\n";

#[test]
fn a_mail_is_explained_for_programs() {
    let program = Program::with("");
    program.write("mail.eml", TWO_RIGHTS);
    let ran = program.run(&["mail", "explain", "mail.eml", "--output", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    insta::assert_json_snapshot!(ran.json());
}

#[test]
fn a_mail_is_explained_for_people() {
    let program = Program::with("");
    program.write("mail.eml", TWO_RIGHTS);
    insta::assert_snapshot!(program.run(&["mail", "explain", "mail.eml"]).out);
}

#[test]
fn a_file_that_is_not_there_is_a_slip_of_the_caller() {
    let ran = Program::with("").run(&["mail", "explain", "nothing.eml"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("fix: name a file"), "{ran:?}");
}
