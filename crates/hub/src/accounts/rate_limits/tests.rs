use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn limits() -> RateLimits {
    RateLimits::new().unwrap()
}

fn member(id: &str) -> Claim {
    Claim::Member(id.parse().unwrap())
}

fn nobody(name: &str) -> Claim {
    Claim::Nobody(name.to_owned())
}

fn origin(address: IpAddr, standing: Standing) -> Origin {
    Origin { block: AddressBlock::of(address), standing }
}

fn strange(n: u32) -> Origin {
    origin(IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + n)), Standing::Strange)
}

fn home() -> Origin {
    origin(Ipv4Addr::new(192, 168, 1, 20).into(), Standing::Address)
}

/// How many of some tries, one every `every` milliseconds, are taken.
fn taken(
    limits: &RateLimits,
    tries: u32,
    every: i64,
    of: impl Fn(u32) -> (Claim, Origin),
) -> (usize, Timestamp) {
    let mut taken = 0;
    let mut now = at(0);
    for n in 0..tries {
        let (claim, origin) = of(n);
        taken += usize::from(limits.take(&claim, origin, now).is_ok());
        now += SignedDuration::from_millis(every);
    }
    (taken, now)
}

#[test]
fn guessing_is_slowed_down_by_address_and_others_get_in() {
    let limits = limits();
    for second in 0..6 {
        assert!(limits.take(&member("anna"), strange(1), at(second)).is_ok());
    }
    assert!(limits.take(&member("anna"), strange(1), at(6)).is_err());
    assert!(limits.take(&member("anna"), home(), at(6)).is_ok(), "the household gets in");
    assert!(
        limits.take(&member("anna"), strange(1), at(8)).is_ok(),
        "after two seconds there is another try"
    );
    assert!(limits.take(&member("anna"), strange(1), at(11)).is_err(), "and the wait is longer each time");
    assert!(limits.take(&member("anna"), strange(1), at(8 + 5 * 60)).is_ok());
}

#[test]
fn whoever_waits_is_told_for_whose_tries_and_where_nobody_waits_for_them() {
    let limits = limits();
    let now = at(0);
    let told = |claim: &Claim, origin: Origin| match limits.take(claim, origin, now) {
        Ok(()) => String::new(),
        Err(refused) => refused.into_message().code,
    };
    let browser = origin(Ipv4Addr::new(192, 168, 1, 20).into(), Standing::Browser([7; BROWSER]));
    for (claim, from, code) in [
        (member("anna"), strange(1), "too-many-from-there"),
        (nobody("zoe"), strange(1 << 8), "too-many-from-there"),
        (member("anna"), home(), "too-many-at-home"),
        (nobody("zoe"), home(), "too-many-at-home"),
        (member("anna"), browser, "too-many-tries"),
    ] {
        while told(&claim, from).is_empty() {}
        assert_eq!(told(&claim, from), code, "{claim:?}");
    }
    // What the sentences say: neither another network nor a browser of one's own waits for the tries at home, nor home for a stranger's.
    let limits = self::limits();
    for _ in 0..20 {
        let _ = limits.take(&member("anna"), home(), now);
    }
    assert!(limits.take(&member("anna"), strange(1), now).is_ok());
    assert!(limits.take(&member("anna"), browser, now).is_ok());
    let limits = self::limits();
    for n in 0..60 {
        let _ = limits.take(&member("anna"), strange(n << 8), at(i64::from(n)));
    }
    let refused = limits.take(&member("anna"), strange(99 << 8), at(60)).unwrap_err().into_message();
    assert_eq!(refused.code, "too-many-everywhere");
    assert!(
        refused.text.contains("five minutes at most") && refused.text.contains("stays so"),
        "{}",
        refused.text
    );
    assert!(limits.take(&member("anna"), home(), at(60)).is_ok());
    assert!(limits.take(&member("anna"), browser, at(60)).is_ok());
}

#[test]
fn what_strangers_tried_counts_on_after_a_start() {
    let limits = limits();
    for n in 0..60 {
        let _ = limits.take(&member("anna"), strange(n << 8), at(i64::from(n)));
    }
    let unnoted = limits.unnoted();
    assert_eq!(unnoted.len(), 1);
    for (person, tries) in &unnoted {
        limits.noted(person, *tries);
    }
    assert!(limits.unnoted().is_empty(), "it is noted once");

    let started = self::limits();
    started.go_on_from(unnoted);
    assert!(started.unnoted().is_empty());
    assert!(started.take(&member("anna"), strange(99 << 8), at(60)).is_err(), "from wherever they come");
    assert!(started.take(&member("tom"), strange(99 << 8), at(60)).is_ok());
    assert!(started.take(&member("anna"), home(), at(60)).is_ok(), "and the household gets in");
}

#[test]
fn many_addresses_are_not_many_guesses_and_lock_nobody_out() {
    let limits = limits();
    // Far apart, as the machines of a botnet are.
    let far = |n: u32| strange(n << 8);
    let (guesses, now) = taken(&limits, 5_000, 10, |n| (member("anna"), far(n)));
    assert!((50..60).contains(&guesses), "{guesses} guesses at one account from 5,000 addresses");
    assert!(limits.take(&member("anna"), home(), now).is_ok(), "where somebody got in they get in again");
    assert!(limits.take(&member("tom"), far(9999), now).is_ok(), "another account is another matter");
}

#[test]
fn made_up_names_wash_no_guess_away() {
    let limits = limits();
    // A guess, then as many names as it takes to fill a table: the guess is still counted.
    let (guesses, now) = taken(&limits, 5_200, 25, |n| match n % 34 {
        0 => (member("anna"), strange(1)),
        _ => (nobody(&format!("name {n}")), strange(1)),
    });
    assert!(guesses < 15, "{guesses} tries in two minutes from one address, whatever names they were at");
    assert!(limits.take(&member("anna"), home(), now).is_ok());

    // At home, names are counted by themselves: what is made up there makes nobody wait, and washes nothing away either.
    let (guesses, _) = taken(&limits, 5_200, 25, |n| match n % 34 {
        0 => (member("tom"), home()),
        _ => (nobody(&format!("name {n}")), home()),
    });
    let names = (0..5_200).filter(|n| n % 34 != 0).count();
    assert!(guesses > names && guesses - names < 15, "{guesses} with {names} names");
    assert!(limits.take(&member("anna"), home(), now).is_ok());
}

#[test]
fn whoever_can_choose_among_addresses_has_no_more_guesses_for_it() {
    let rotating = |bits: u32| {
        move |n: u32| {
            let address = (0x2001_0db8_u128 << 96) | (u128::from(n) << bits);
            (nobody(&format!("name {n}")), origin(Ipv6Addr::from_bits(address).into(), Standing::Strange))
        }
    };
    let (within_64, _) = taken(&limits(), 1_000, 10, rotating(0));
    assert!(within_64 < 12, "{within_64} from one /64");
    let (within_48, _) = taken(&limits(), 1_000, 10, rotating(64));
    assert!(within_48 < 40, "{within_48} from one /48");
    let (within_24, _) = taken(&limits(), 256, 10, |n| (nobody(&format!("name {n}")), strange(n)));
    assert!(within_24 < 40, "{within_24} from one /24");
}

#[test]
fn a_name_that_nobody_has_waits_as_long_as_one_that_somebody_has() {
    let limits = limits();
    for (n, from) in [strange(1), strange(1 << 16), home(), strange(2 << 16)].into_iter().enumerate() {
        for second in 0..40 {
            let now = at(1_000 * n as i64 + second * 3);
            // Each from a place of its own: what is compared is the waiting of either, not of both together.
            let other = match from.standing {
                Standing::Strange => {
                    origin(Ipv4Addr::from_bits(0xc000_0000 + (n as u32) * 0x10000).into(), Standing::Strange)
                }
                _ => from,
            };
            let said = |claim, origin| limits.take(&claim, origin, now).map_err(|error| error.to_string());
            assert_eq!(said(member("anna"), from), said(nobody("zoe"), other), "{from:?} {second}");
        }
    }
}

#[test]
fn a_browser_in_which_somebody_got_in_is_not_held_up_by_others_at_its_address() {
    let limits = limits();
    taken(&limits, 100, 1, |_| (member("anna"), home()));
    assert!(limits.take(&member("anna"), home(), at(1)).is_err());
    let browser = Origin { standing: Standing::Browser([7; BROWSER]), ..home() };
    assert!(limits.take(&member("anna"), browser, at(1)).is_ok());
}

#[test]
fn whoever_gets_in_is_forgiven_and_forgives_no_stranger() {
    let limits = limits();
    taken(&limits, 100, 1, |_| (member("anna"), strange(1)));
    let now = at(1);
    for _ in 0..5 {
        limits.take(&member("anna"), home(), now).unwrap();
    }
    limits.forgive(&member("anna"), home(), now);
    for _ in 0..5 {
        limits.take(&member("anna"), home(), now).unwrap();
    }
    let before = limits.take(&member("anna"), strange(1), now).unwrap_err().to_string();
    limits.forgive(&member("anna"), home(), now);
    assert_eq!(limits.take(&member("anna"), strange(1), now).unwrap_err().to_string(), before);
}

#[test]
fn more_browsers_than_are_counted_each_by_itself_are_counted_together() {
    let limits = limits();
    let browser = |n: u32| {
        let mut mark = [0; BROWSER];
        mark[..4].copy_from_slice(&n.to_be_bytes());
        Origin { standing: Standing::Browser(mark), ..home() }
    };
    let (guesses, _) = taken(&limits, 10_000, 25, |n| (member("anna"), browser(n)));
    assert!(guesses < MOST_PLACES + 20, "{guesses}");
}

#[test]
fn what_strangers_make_the_hub_compute_is_bounded_and_the_household_has_a_share_of_its_own() {
    let limits = limits();
    let (answered, now) = taken(&limits, 20_000, 1, |n| (nobody(&format!("name {n}")), strange(n << 8)));
    // Twenty seconds at fifty a second, and what may be saved up.
    assert!((1_000..1_100).contains(&answered), "{answered}");
    assert!(limits.take(&member("anna"), home(), now).is_ok());
}

#[test]
fn what_is_nobodys_account_is_counted_by_block_alone() {
    let limits = limits();
    let block = strange(1).block;
    for _ in 0..6 {
        assert!(limits.check_block(block, at(0)).is_ok());
        limits.count_block(block, at(0));
    }
    assert!(limits.check_block(block, at(1)).is_err());
    assert!(limits.check_block(strange(1 << 8).block, at(1)).is_ok());
}
