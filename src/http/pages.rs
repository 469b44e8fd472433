//! `GET /problems/{code}`: the page behind a problem's `type`, as Markdown or for a browser.
//! Never renders what did not come with the program.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::answer::Answer;
use super::code::{self, Code};
use super::problem::Problem;

/// `GET /problems/{code}`
pub async fn one(name: web::Path<String>, request: HttpRequest) -> Answer {
    let Some(code) = Code::parse(&name) else {
        return Answer(Err(Problem::new(&code::ROUTE_UNKNOWN, format!("there is no problem called \"{name}\""))));
    };
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "max-age=3600"));
    Answer(Ok(if accept.contains("text/html") {
        response.content_type("text/html; charset=utf-8");
        response.insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"));
        response.body(html(code.title, code.page))
    } else {
        response.content_type("text/markdown; charset=utf-8").body(code.page)
    }))
}

/// Headings, paragraphs, lists and code words: all that the pages use.
fn html(title: &str, markdown: &str) -> String {
    let mut body = String::new();
    for block in markdown.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        if let Some(heading) = block.strip_prefix("## ") {
            body += &format!("<h2>{}</h2>\n", inline(heading));
        } else if let Some(heading) = block.strip_prefix("# ") {
            body += &format!("<h1>{}</h1>\n", inline(heading));
        } else if let Some(list) = block.strip_prefix("- ") {
            let items: String = list.split("\n- ").map(|item| format!("<li>{}</li>", inline(item))).collect();
            body += &format!("<ul>{items}</ul>\n");
        } else {
            body += &format!("<p>{}</p>\n", inline(block));
        }
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{}</title><style>body{{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}}\
         code{{background:#8882;padding:0 .2em}}</style></head><body>\n{body}</body></html>\n",
        escaped(title)
    )
}

fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(n, part)| if n % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) }).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_well_in_a_browser() {
        let page = html("A & B", "# A & B\n\nSay `x < 1`.\n\n## What to do\n\n- one\n- two `b`\n");
        assert!(page.contains("<title>A &amp; B</title>"), "{page}");
        assert!(page.contains("<h1>A &amp; B</h1>\n<p>Say <code>x &lt; 1</code>.</p>\n<h2>What to do</h2>"), "{page}");
        assert!(page.contains("<ul><li>one</li><li>two <code>b</code></li></ul>"), "{page}");
    }

    #[test]
    fn every_page_closes_its_code_words() {
        for code in code::ALL {
            for block in code.page.split("\n\n") {
                assert_eq!(block.matches('`').count() % 2, 0, "{}: {block}", code.slug);
            }
        }
    }
}
