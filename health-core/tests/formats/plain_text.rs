//! `text/plain`, where it is switched on.

use health_core::{Health, Show};

use crate::support::{accept, holds, management, shop};

const TEXT: &str = "text/plain";

#[tokio::test]
async fn it_is_off_unless_switched_on() {
    let off = management(shop);
    assert_eq!(accept(&off, "/z/health", TEXT).await.status, 406);
    let on = management(|builder| shop(builder).plain_text());
    let answer = accept(&on, "/z/health", TEXT).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (503, Some("text/plain; charset=utf-8"))
    );
    assert_eq!(
        accept(&on, "/z/info", TEXT).await.status,
        406,
        "only health has this shape"
    );
    for asked in ["text/*", "text/html"] {
        assert_eq!(accept(&on, "/z/health", asked).await.status, 406, "{asked}");
    }
}

#[tokio::test]
async fn each_component_has_one_line_of_words_whatever_its_name_says() {
    let shop = management(|builder| shop(builder).plain_text().show_details(Show::Always));
    let answer = accept(&shop, "/z/health", TEXT).await;
    let lines: Vec<&str> = answer.body.lines().collect();
    assert_eq!(lines[0], "DOWN");
    assert!(
        lines.contains(&"old%20db DOWN refused \"x\" \\"),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"cluster/a:1 DOWN no route to host"),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"storage DEGRADED one drive left"),
        "{lines:?}"
    );
    let db = accept(&shop, "/z/health/old%20db", TEXT).await;
    assert_eq!(db.body, "DOWN refused \"x\" \\\n");
    assert!(
        answer.body.ends_with('\n') && !answer.body.ends_with("\n\n"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn nothing_hidden_is_said() {
    let hidden = management(|builder| shop(builder).plain_text().show_components(Show::Never));
    assert_eq!(accept(&hidden, "/z/health", TEXT).await.body, "DOWN\n");
    let no_details = management(|builder| shop(builder).plain_text());
    let body = accept(&no_details, "/z/health", TEXT).await.body;
    assert!(
        body.contains("\nold%20db DOWN\n") && !body.contains("refused"),
        "{body}"
    );
}

#[tokio::test]
async fn a_status_from_elsewhere_stays_one_word() {
    let management = management(|builder| {
        builder
            .check("x", holds(Health::new("A B\nping UP")))
            .plain_text()
    });
    let answer = accept(&management, "/z/health/x", TEXT).await;
    assert_eq!(answer.body, "A%20B%0Aping%20UP\n");
}
