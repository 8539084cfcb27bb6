//! The README's tour, replayed: every `console` block is run and its output compared with what the
//! page promises.

use std::path::PathBuf;
use std::process::Command;

use akashi_actors::Step;
use akashi_tests::server::binary;

use crate::Demo;

const README: &str = include_str!("../../README.md");

/// The part of the page that is a tour.
fn tour() -> &'static str {
    let tour = README.split("## A tour of five minutes").nth(1).unwrap();
    tour.split("\n## ").next().unwrap()
}

#[tokio::test]
async fn the_tour_does_what_the_readme_says() {
    let demo = Demo::start().await;
    demo.server.settled_and_published().await;
    let address = demo.server.url.strip_prefix("http://").unwrap();
    std::os::unix::fs::symlink(&demo.server.data, demo.folder.path().join("town")).unwrap();
    let mut path: PathBuf = binary("akashi");
    path.pop();
    let path = format!("{}:{}", path.display(), std::env::var("PATH").unwrap());
    let steps = Step::of(tour());
    assert!(steps.len() >= 7, "{}", steps.len());
    for step in steps {
        let output = Command::new("bash")
            .args(["-c", &step.command.replace("127.0.0.1:8080", address)])
            .current_dir(demo.folder.path())
            .env("PATH", &path)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout)
            .unwrap()
            .replace(address, "127.0.0.1:8080");
        step.assert_printed(&text);
    }
}
