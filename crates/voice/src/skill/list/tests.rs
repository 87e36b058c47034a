//! Lists.

use super::{items, key};
use crate::skill::Change;
use crate::skill::example::{Home, Outcome};

fn added(list: &str, items: &[&str]) -> Vec<Change> {
    items.iter().map(|item| Change::AddItem { list: list.to_owned(), item: (*item).to_owned() }).collect()
}

#[test]
fn puts_items_on_lists() -> Outcome {
    let home = Home::with_items(&["milk"])?;
    for (sentence, list, items, reply) in [
        ("Add eggs to the shopping list.", "shopping", vec!["eggs"], "I added eggs to the shopping list."),
        ("at eggs to the shopping list", "shopping", vec!["eggs"], "I added eggs to the shopping list."),
        ("add eggs two the shoping list", "shopping", vec!["eggs"], "I added eggs to the shopping list."),
        ("put some eggs on my list please", "shopping", vec!["eggs"], "I added eggs to the shopping list."),
        (
            "Add flour, eggs and bread to my shopping list",
            "shopping",
            vec!["flour", "eggs", "bread"],
            "I added flour, eggs and bread to the shopping list.",
        ),
        (
            "add um milk and uh eggs to the list",
            "shopping",
            vec!["eggs"],
            "I added eggs to the shopping list. Milk is on the shopping list already.",
        ),
        ("buy eggs", "shopping", vec!["eggs"], "I added eggs to the shopping list."),
        ("add balloons to the party list", "party", vec!["balloons"], "I added balloons to the party list."),
        (
            "add balloons to the chopping list",
            "shopping",
            vec!["balloons"],
            "I added balloons to the shopping list.",
        ),
        ("add paint to the hardware list", "hardware", vec!["paint"], "I added paint to the hardware list."),
    ] {
        let answer = home.ask(sentence);
        assert_eq!(answer.reply, reply, "\"{sentence}\"");
        assert!(answer.changes == added(list, &items), "\"{sentence}\"");
    }
    home.expect(
        &["add milk to the shopping list"],
        "HassShoppingListAddItem",
        "Milk is on the shopping list already.",
    );
    Ok(())
}

#[test]
fn reads_and_empties_lists() -> Outcome {
    let home = Home::with_items(&["milk", "oat milk", "eggs", "apples"])?;
    home.expect(
        &[
            "What's on my shopping list?",
            "read the shopping list",
            "what is on the list",
            "what do we need to buy",
        ],
        "PorchlightListRead",
        "There are four things on the shopping list: milk, oat milk, eggs and apples.",
    );
    home.expect(
        &["is there milk on the shopping list"],
        "PorchlightListRead",
        "Yes, milk is on the shopping list.",
    );
    home.expect(
        &["is rice on the shopping list"],
        "PorchlightListRead",
        "No, rice is not on the shopping list.",
    );
    home.expect(&["what's on the party list"], "PorchlightListRead", "There is nothing on the party list.");
    for (sentence, reply, changes) in [
        (
            "remove milk from the shopping list",
            "I took milk off the shopping list.",
            vec![Change::RemoveItem { id: 1 }],
        ),
        (
            "check off eggs from my shopping list",
            "I ticked eggs off the shopping list.",
            vec![Change::CompleteItem { id: 3 }],
        ),
        ("we bought apples", "I ticked apples off the shopping list.", vec![Change::CompleteItem { id: 4 }]),
        (
            "remove an apple and rice from the list",
            "I took apples off the shopping list. Rice is not on the shopping list.",
            vec![Change::RemoveItem { id: 4 }],
        ),
        ("remove rice from the list", "Rice is not on the shopping list.", vec![]),
        (
            "clear my shopping list",
            "I took four things off the shopping list. It is empty now.",
            vec![Change::ClearList { list: "shopping".into() }],
        ),
        (
            "delete everything from the shopping list",
            "I took four things off the shopping list. It is empty now.",
            vec![Change::ClearList { list: "shopping".into() }],
        ),
    ] {
        let answer = home.ask(sentence);
        assert_eq!(answer.reply, reply, "\"{sentence}\"");
        assert!(answer.changes == changes, "\"{sentence}\" gives {:?}", answer.changes);
    }
    let two = Home::with_items(&["oat milk", "soy milk"])?;
    let answer = two.ask("remove milk from the shopping list");
    assert_eq!(answer.reply, "There are several on the shopping list: oat milk and soy milk. Which one?");
    assert!(answer.changes.is_empty());
    let empty = Home::new()?;
    empty.expect(
        &["what's on my shopping list"],
        "PorchlightListRead",
        "There is nothing on the shopping list.",
    );
    empty.expect(
        &["empty the shopping list"],
        "PorchlightListClear",
        "There is nothing on the shopping list.",
    );
    Ok(())
}

#[test]
fn splits_items() {
    for (text, expected) in [
        ("Milk", vec!["milk"]),
        ("milk, eggs and bread", vec!["milk", "eggs", "bread"]),
        ("milk, eggs, and bread.", vec!["milk", "eggs", "bread"]),
        ("milk and eggs and milk", vec!["milk", "eggs"]),
        ("some mac and cheese, and apples", vec!["mac and cheese", "apples"]),
        ("two cartons of milk", vec!["two cartons of milk"]),
        ("AAA batteries", vec!["AAA batteries"]),
        (" , and ", vec![]),
    ] {
        assert_eq!(items(text), expected, "{text}");
    }
}

#[test]
fn one_item_has_many_spellings() {
    assert_eq!(key("The Apples"), key("apple"));
    assert_ne!(key("oat milk"), key("milk"));
    assert_ne!(key("glass"), key("glas"));
}
