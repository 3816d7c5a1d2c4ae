//! The inside of macros whose arguments are expressions. What a macro does with them is known of a
//! few by name; of the others the arguments are taken to be evaluated once, in order.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr as Syn, Pat, Result, Token, token};

use super::super::sketch::expr::{Block, Expr, Extent, Inside, Select, SelectArm};
use super::{expr, pattern};

/// Macros whose tokens are no Rust, or that run nothing of it.
const CLOSED: [&str; 12] = [
    "macro_rules",
    "html",
    "quote",
    "quote_spanned",
    "stringify",
    "include_str",
    "include_bytes",
    "cfg",
    "concat",
    "sql",
    "rsx",
    "parse_quote",
];

pub fn read(name: &str, tokens: &TokenStream) -> Inside {
    match name {
        _ if CLOSED.contains(&name) => Inside::Unread,
        "select" | "select_biased" => select
            .parse2(tokens.clone())
            .map_or(Inside::Unread, Inside::Select),
        "stream" | "try_stream" => {
            statements(without_for_await(tokens.clone())).map_or(Inside::Unread, Inside::Stream)
        }
        "vec" => repeat(tokens)
            .or_else(|| args(tokens))
            .unwrap_or(Inside::Unread),
        _ => args(tokens)
            .or_else(|| statements(tokens.clone()).map(Inside::Statements))
            .unwrap_or(Inside::Unread),
    }
}

/// `a, b, name = c`, also with `biased;` in front as `join!` has it.
fn args(tokens: &TokenStream) -> Option<Inside> {
    let parser = |input: ParseStream<'_>| -> Result<Punctuated<Syn, Token![,]>> {
        skip_biased(input)?;
        Punctuated::parse_terminated(input)
    };
    let parsed = parser.parse2(tokens.clone()).ok()?;
    Some(Inside::Args(parsed.iter().map(expr::expr).collect()))
}

fn repeat(tokens: &TokenStream) -> Option<Inside> {
    let parser = |input: ParseStream<'_>| -> Result<(Syn, Syn)> {
        let value = input.parse()?;
        input.parse::<Token![;]>()?;
        Ok((value, input.parse()?))
    };
    let (value, count) = parser.parse2(tokens.clone()).ok()?;
    Some(Inside::Repeat(
        Box::new(expr::expr(&value)),
        Box::new(expr::expr(&count)),
    ))
}

fn statements(tokens: TokenStream) -> Option<Block> {
    let parsed = syn::Block::parse_within.parse2(tokens).ok()?;
    let mut block = Block::default();
    expr::add_statements(&parsed, &mut block);
    if let (Some(first), Some(last)) = (block.statements.first(), block.statements.last()) {
        block.extent = first.extent.to(last.extent);
    }
    Some(block)
}

/// `for await x in y {}`, which the stream macros add to the language, becomes `for x in y {}`.
fn without_for_await(tokens: TokenStream) -> TokenStream {
    let is = |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(it) if it == word);
    let mut after_for = false;
    tokens
        .into_iter()
        .filter_map(|token| {
            if after_for && is(&token, "await") {
                return None;
            }
            after_for = is(&token, "for");
            Some(match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner = without_for_await(group.stream());
                    let mut made = proc_macro2::Group::new(Delimiter::Brace, inner);
                    made.set_span(group.span());
                    TokenTree::Group(made)
                }
                other => other,
            })
        })
        .collect()
}

/// tokio's `pattern = future, if condition => handler` and futures' `pattern = future => handler`.
fn select(input: ParseStream<'_>) -> Result<Select> {
    skip_biased(input)?;
    let mut select = Select {
        arms: Vec::new(),
        otherwise: None,
    };
    while !input.is_empty() {
        if let Some(handler) = last_arm(input)? {
            select.otherwise = Some(handler);
            continue;
        }
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        input.parse::<Token![=]>()?;
        let future: Syn = input.parse()?;
        let condition = if input.peek(Token![,]) && input.peek2(Token![if]) {
            input.parse::<Token![,]>()?;
            input.parse::<Token![if]>()?;
            Some(expr::expr(&input.parse()?))
        } else {
            None
        };
        input.parse::<Token![=>]>()?;
        select.arms.push(SelectArm {
            pattern: pattern::pattern(&pattern),
            future: expr::expr(&future),
            condition,
            handler: handler(input)?,
        });
    }
    Ok(select)
}

/// `else => …`, `default => …`, `complete => …`.
fn last_arm(input: ParseStream<'_>) -> Result<Option<Expr>> {
    let named = input.fork();
    let word = named.call(<proc_macro2::Ident as syn::ext::IdentExt>::parse_any);
    let is_last = word.is_ok_and(|word| word == "else" || word == "default" || word == "complete");
    if !is_last || !named.peek(Token![=>]) {
        return Ok(None);
    }
    input.call(<proc_macro2::Ident as syn::ext::IdentExt>::parse_any)?;
    input.parse::<Token![=>]>()?;
    handler(input).map(Some)
}

fn handler(input: ParseStream<'_>) -> Result<Expr> {
    let parsed = if input.peek(token::Brace) {
        // A handler in braces ends there, even where `.` or `?` could follow.
        let block: syn::Block = input.parse()?;
        let block = expr::block(&block);
        Expr {
            extent: block.extent,
            kind: super::super::sketch::expr::Kind::Block(block),
        }
    } else if input.peek(Token![,]) {
        Expr::nothing(Extent::default())
    } else {
        expr::expr(&input.parse()?)
    };
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
    }
    Ok(parsed)
}

fn skip_biased(input: ParseStream<'_>) -> Result<()> {
    let ahead = input.fork();
    let word: Result<proc_macro2::Ident> = ahead.parse();
    if word.is_ok_and(|word| word == "biased") && ahead.peek(Token![;]) {
        input.parse::<proc_macro2::Ident>()?;
        input.parse::<Token![;]>()?;
    }
    Ok(())
}
