//! What is there and cannot be read is not said to be not there.

use super::contract::Reply;
use super::say;

/// Says beside what a skill answered of how many things it did not know, because nobody can read them.
pub(super) fn beside(reply: Reply, (number, thing): (usize, &str)) -> Reply {
    if number == 0 {
        return reply;
    }
    let text = format!(
        "{} cannot be read, since a disk is damaged. Apart from {}: {}",
        say::sentence(&say::count(number, thing)),
        if number == 1 { "it" } else { "them" },
        reply.text
    );
    Reply { text, ..reply }
}
