//! Things of many in a bounded place, of which everybody has a share.
//!
//! Whoever adds without end drops what they added first themselves. Where the whole place is full, whoever holds most makes room. So
//! nobody's flood takes what somebody else has there.

use std::collections::{BTreeMap, VecDeque};

/// Things in the order in which they were added, each of a group and of a holder within it: of a person and one of their sessions,
/// say.
pub struct Shares<G, H, T> {
    each: usize,
    all: usize,
    held: VecDeque<Held<G, H, T>>,
    /// How many of them whoever has, so that a flood costs little for each thing that it adds. Nobody is here who holds none.
    groups: BTreeMap<G, Group<H>>,
}

struct Held<G, H, T> {
    by: (G, H),
    what: T,
}

struct Group<H> {
    all: usize,
    holders: BTreeMap<H, usize>,
}

impl<G: Ord + Clone, H: Ord + Clone, T> Shares<G, H, T> {
    /// Room for so many things of each holder, and so many of all together.
    pub const fn new(each: usize, all: usize) -> Shares<G, H, T> {
        Shares { each, all, held: VecDeque::new(), groups: BTreeMap::new() }
    }

    /// Adds a thing; what had to make room for it.
    pub fn add(&mut self, group: G, holder: H, what: T) -> Option<T> {
        let by = (group, holder);
        let own = self.groups.get(&by.0).and_then(|group| group.holders.get(&by.1)).copied().unwrap_or(0);
        let gone = if own >= self.each {
            self.held.iter().position(|held| held.by == by)
        } else if self.held.len() >= self.all {
            self.first_to_go(&by)
        } else {
            None
        };
        let gone = gone.and_then(|at| self.remove(at));
        let group =
            self.groups.entry(by.0.clone()).or_insert_with(|| Group { all: 0, holders: BTreeMap::new() });
        group.all += 1;
        *group.holders.entry(by.1.clone()).or_insert(0) += 1;
        self.held.push_back(Held { by, what });
        gone
    }

    /// Takes out the oldest thing of which this is true.
    pub fn take(&mut self, is: impl Fn(&T) -> bool) -> Option<T> {
        let at = self.held.iter().position(|held| is(&held.what))?;
        self.remove(at)
    }

    /// Keeps those of which this is true.
    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        while self.take(|what| !keep(what)).is_some() {}
    }

    /// All of it, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.held.iter().map(|held| &held.what)
    }

    /// The same, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.held.iter_mut().map(|held| &mut held.what)
    }

    fn remove(&mut self, at: usize) -> Option<T> {
        let Held { by: (name, holder), what } = self.held.remove(at)?;
        if let Some(group) = self.groups.get_mut(&name) {
            group.all -= 1;
            let own = group.holders.get_mut(&holder);
            if own.is_some_and(|own| {
                *own -= 1;
                *own == 0
            }) {
                group.holders.remove(&holder);
            }
            if group.all == 0 {
                self.groups.remove(&name);
            }
        }
        Some(what)
    }

    /// The place of the oldest thing of the group that would hold most, and in it of the holder that would; where that is a tie it is
    /// the newcomer's own.
    fn first_to_go(&self, newcomer: &(G, H)) -> Option<usize> {
        let weight = |name: &G, group: &Group<H>, holder: &H, own: usize| {
            let (with, of) = (*name == newcomer.0, *name == newcomer.0 && *holder == newcomer.1);
            (group.all + usize::from(with), with, own + usize::from(of), of)
        };
        let each = self.groups.iter().flat_map(|(name, group)| {
            group.holders.iter().map(move |(holder, own)| weight(name, group, holder, *own))
        });
        let most = each.max()?;
        self.held.iter().position(|Held { by: (name, holder), .. }| {
            let group = self.groups.get(name);
            group.is_some_and(|group| {
                group.holders.get(holder).is_some_and(|own| weight(name, group, holder, *own) == most)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(shares: &Shares<&'a str, &'a str, u32>) -> Vec<u32> {
        shares.iter().copied().collect()
    }

    #[test]
    fn whoever_adds_without_end_drops_their_own_first() {
        let mut shares = Shares::new(3, 8);
        shares.add("anna", "phone", 0);
        for n in 1..=70_u32 {
            let gone = shares.add("tom", "phone", n);
            assert_eq!(gone, n.checked_sub(3).filter(|gone| *gone > 0), "{n}");
        }
        assert_eq!(of(&shares), [0, 68, 69, 70]);
    }

    #[test]
    fn many_sessions_of_one_person_take_nothing_from_another() {
        let mut shares = Shares::new(3, 8);
        shares.add("anna", "phone", 0);
        shares.add("anna", "laptop", 1);
        let sessions: Vec<String> = (0..100).map(|n| format!("session {n}")).collect();
        for (n, session) in (100..).zip(&sessions) {
            shares.add("tom", session, n);
        }
        assert_eq!(of(&shares), [0, 1, 194, 195, 196, 197, 198, 199]);
        shares.add("anna", "phone", 2);
        assert_eq!(of(&shares), [0, 1, 195, 196, 197, 198, 199, 2], "who holds most makes room");
    }

    #[test]
    fn where_everybody_has_one_the_oldest_goes() {
        let mut shares = Shares::new(3, 3);
        for (n, who) in (0..).zip(["anna", "tom", "ben", "mia"]) {
            shares.add(who, "phone", n);
        }
        assert_eq!(of(&shares), [1, 2, 3]);
        assert_eq!(shares.take(|n| *n == 2), Some(2));
        shares.retain(|n| *n == 3);
        assert_eq!(of(&shares), [3]);
    }
}
