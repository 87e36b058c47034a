//! Lists: put on, take off, tick off, read, clear. The shopping list is the one that needs no name.

pub(super) mod item;

pub use item::ListItem;

use std::collections::BTreeSet;

use crate::intent::names_alike;
use crate::skill::contract::{Context, Reply, Skill};
use crate::skill::say;
use crate::skill::situation::{Change, Situation};
use crate::skill::slots::Slots;

/// Lists.
pub(crate) struct Lists;

impl Skill for Lists {
    fn sentences(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", include_str!("en.yaml"))]
    }

    fn answers(&self, said: &Slots<'_>) -> bool {
        matches!(
            said.intent(),
            "HassShoppingListAddItem"
                | "HassListAddItem"
                | "HassShoppingListCompleteItem"
                | "HassListCompleteItem"
                | "HassListRemoveItem"
                | "PorchlightListRead"
                | "PorchlightListClear"
        )
    }

    fn answer(&self, context: &Context<'_>) -> Reply {
        let Context { said, situation } = context;
        match said.intent() {
            "HassShoppingListAddItem" | "HassListAddItem" => add(said, situation),
            "PorchlightListRead" => read(said, situation),
            "PorchlightListClear" => clear(said, situation),
            _ => take_off(said, situation),
        }
    }

    fn unreadable(&self, context: &Context<'_>) -> Option<(usize, &'static str)> {
        let adds = matches!(context.said.intent(), "HassShoppingListAddItem" | "HassListAddItem");
        (!adds).then_some((context.unreadable.items, "list item"))
    }
}

/// The list that is meant when none is named.
const SHOPPING: &str = "shopping";
/// Most items put on a list by one sentence.
const MOST_ITEMS: usize = 20;
/// The longest item, in characters.
const LONGEST_ITEM: usize = 100;

/// What goes by one name although it has an "and" in it.
const PAIRS: [&str; 12] = [
    "mac and cheese",
    "macaroni and cheese",
    "fish and chips",
    "salt and vinegar",
    "sweet and sour",
    "half and half",
    "peanut butter and jelly",
    "peanut butter and jam",
    "bread and butter pickles",
    "head and shoulders",
    "pork and beans",
    "cookies and cream",
];

/// Puts one or several items on a list.
fn add(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let list = named(said, situation, true);
    let wanted = items(said.words("item").unwrap_or_default());
    if wanted.is_empty() {
        return Reply::say(format!("What shall I put on the {list} list?"));
    }
    if wanted.len() > MOST_ITEMS || wanted.iter().any(|item| item.chars().count() > LONGEST_ITEM) {
        return Reply::say("That is too much at once. Please say a few things at a time.");
    }
    let on_list = |item: &str| on(situation, &list).any(|known| key(&known.text) == key(item));
    let (there, new): (Vec<String>, Vec<String>) = wanted.into_iter().partition(|item| on_list(item));
    let already = match there.len() {
        0 => String::new(),
        1 => format!("{} is on the {list} list already.", say::sentence(&say::list(&there))),
        _ => format!("{} are on the {list} list already.", say::sentence(&say::list(&there))),
    };
    if new.is_empty() {
        return Reply::say(already);
    }
    let text = format!("I added {} to the {list} list. {already}", say::list(&new));
    let changes = new.into_iter().map(|item| Change::AddItem { list: list.clone(), item }).collect();
    Reply::act(text.trim_end(), changes)
}

/// Takes items off a list, as bought or as not wanted. All of them must be there, so that nothing is taken off by guesswork.
fn take_off(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let list = named(said, situation, false);
    let done = said.intent() != "HassListRemoveItem" && said.variant() != "remove";
    let wanted = items(said.words("item").unwrap_or_default());
    if wanted.is_empty() {
        return Reply::say(format!("What shall I take off the {list} list?"));
    }
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for item in &wanted {
        match find(situation, &list, item).as_slice() {
            [] => missing.push(item.as_str()),
            [one] => found.push(*one),
            many if many.iter().all(|known| key(&known.text) == key(item)) => found.extend(many),
            many => {
                let each: Vec<&str> = many.iter().map(|known| known.text.as_str()).collect();
                return Reply::say(format!(
                    "There are several on the {list} list: {}. Which one?",
                    say::list(&each)
                ));
            }
        }
    }
    let absent = match missing.len() {
        0 => String::new(),
        1 => format!("{} is not on the {list} list.", say::sentence(&say::list(&missing))),
        _ => format!("{} are not on the {list} list.", say::sentence(&say::list(&missing))),
    };
    if found.is_empty() {
        return Reply::say(absent);
    }
    let mut names: Vec<&str> = found.iter().map(|item| item.text.as_str()).collect();
    names.dedup();
    let names = say::list(&names);
    let start = if done {
        format!("I ticked {names} off the {list} list.")
    } else {
        format!("I took {names} off the {list} list.")
    };
    let change = |id| if done { Change::CompleteItem { id } } else { Change::RemoveItem { id } };
    let ids: BTreeSet<u64> = found.iter().map(|item| item.id).collect();
    Reply::act(format!("{start} {absent}").trim_end(), ids.into_iter().map(change).collect())
}

/// Reads a list, or tells whether something is on it.
fn read(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let list = named(said, situation, true);
    if let Some(item) = said.words("item").filter(|_| said.variant() == "check") {
        let found: Vec<&str> = find(situation, &list, item).iter().map(|known| known.text.as_str()).collect();
        return Reply::say(match found.len() {
            0 => format!("No, {} is not on the {list} list.", item.trim()),
            _ => format!(
                "Yes, {} {} on the {list} list.",
                say::list(&found),
                if found.len() == 1 { "is" } else { "are" }
            ),
        });
    }
    let items: Vec<&str> = on(situation, &list).map(|item| item.text.as_str()).collect();
    Reply::say(match items.len() {
        0 => format!("There is nothing on the {list} list."),
        1 => format!("There is one thing on the {list} list: {}.", say::list(&items)),
        number => {
            format!("There are {} on the {list} list: {}.", say::count(number, "thing"), say::list(&items))
        }
    })
}

/// Takes everything off a list.
fn clear(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let list = named(said, situation, false);
    let number = on(situation, &list).count();
    if number == 0 {
        return Reply::say(format!("There is nothing on the {list} list."));
    }
    let text = format!("I took {} off the {list} list. It is empty now.", say::count(number, "thing"));
    Reply::act(text, vec![Change::ClearList { list }])
}

/// The list that is meant. `near` takes a list whose name is alike what was heard; never for taking things off.
fn named(said: &Slots<'_>, situation: &Situation<'_>, near: bool) -> String {
    let heard = said.words("name").unwrap_or(SHOPPING).trim().to_lowercase();
    let heard = heard.strip_prefix("the ").unwrap_or(&heard);
    let heard = heard.strip_suffix("list").map_or(heard, str::trim_end);
    if heard.is_empty() || heard == "grocery" || heard == "groceries" {
        return SHOPPING.to_owned();
    }
    let mut known = situation.items.iter().map(|item| item.list.as_str()).chain([SHOPPING]);
    let same = known.clone().find(|list| list.eq_ignore_ascii_case(heard));
    let close = || known.find(|list| near && names_alike(heard, list));
    same.or_else(close).unwrap_or(heard).to_owned()
}

/// The items of a list, in the order they were put on.
fn on<'a>(situation: &'a Situation<'_>, list: &str) -> impl Iterator<Item = &'a ListItem> {
    let mut items: Vec<&ListItem> =
        situation.items.iter().filter(|item| item.list.eq_ignore_ascii_case(list)).collect();
    items.sort_by_key(|item| item.id);
    items.into_iter()
}

/// The items that are meant: those called so, else those with all of its words.
fn find<'a>(situation: &'a Situation<'_>, list: &str, wanted: &str) -> Vec<&'a ListItem> {
    let wanted = key(wanted);
    let exact: Vec<&ListItem> = on(situation, list).filter(|item| key(&item.text) == wanted).collect();
    if !exact.is_empty() || wanted.is_empty() {
        return exact;
    }
    on(situation, list).filter(|item| wanted.iter().all(|word| key(&item.text).contains(word))).collect()
}

/// Items by their words: without regard to case, articles, quantity words and a plural s.
fn key(item: &str) -> Vec<String> {
    let words =
        item.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase);
    let words: Vec<String> =
        words.filter(|word| !matches!(word.as_str(), "the" | "a" | "an" | "some" | "my")).collect();
    words
        .into_iter()
        .map(|word| match word.strip_suffix('s') {
            Some(stem) if stem.chars().count() >= 3 && !stem.ends_with('s') => stem.to_owned(),
            _ => word,
        })
        .collect()
}

/// `milk, eggs and bread` as three items. "And" separates, except in what goes by one name.
fn items(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split([',', ';', '\n']) {
        let lower = part.to_lowercase();
        if PAIRS.iter().any(|pair| lower.contains(pair)) {
            found.push(item(part));
        } else {
            // Commas are gone; an "and" that is left stands between two items or before the last one.
            let mut current: Vec<&str> = Vec::new();
            for word in part.split_whitespace() {
                if word.eq_ignore_ascii_case("and") || word == "&" {
                    found.push(item(&current.join(" ")));
                    current.clear();
                } else {
                    current.push(word);
                }
            }
            found.push(item(&current.join(" ")));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|item| !item.is_empty() && seen.insert(key(item)));
    found
}

/// One item without what people put before it.
fn item(text: &str) -> String {
    let around = |c: char| c.is_whitespace() || ".!?'\"“”‘’".contains(c);
    let mut text = text.trim_matches(around);
    for start in ["and ", "some ", "the ", "also ", "more "] {
        if text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)) {
            text = text.get(start.len()..).unwrap_or_default().trim_start();
        }
    }
    // A recogniser starts a sentence with a capital; an item stands in the middle of one. Names with more capitals keep theirs.
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if letters.clone().all(|c| !c.is_uppercase()) && letters.clone().next().is_some() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
