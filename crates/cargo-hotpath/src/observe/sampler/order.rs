//! Puts the events of several rings into the order in which they happened.
//!
//! Each ring is in order by itself. After all rings were emptied in a round that began at time T, no
//! event from before T can still come; so a round's events wait until the next round has begun.

use crate::observe::decode::Event;

#[derive(Debug, Default)]
pub struct Order {
    waiting: Vec<(u64, u64, Event)>,
    /// Events of the same instant keep the order in which they were read.
    sequence: u64,
}

impl Order {
    pub fn push(&mut self, time_ns: u64, event: Event) {
        self.sequence += 1;
        self.waiting.push((time_ns, self.sequence, event));
    }

    /// Gives the events from before `limit_ns`, in order.
    pub fn release(&mut self, limit_ns: u64, give: &mut dyn FnMut(Event)) {
        self.waiting
            .sort_by_key(|(time, sequence, _)| (*time, *sequence));
        let ready = self.waiting.partition_point(|(time, ..)| *time < limit_ns);
        for (_, _, event) in self.waiting.drain(..ready) {
            give(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_several_rings_come_in_order_and_late_ones_wait() {
        let mut order = Order::default();
        for (time, count) in [(5, 50), (9, 90), (3, 30), (7, 70), (7, 71)] {
            order.push(time, Event::Lost(count));
        }
        let mut given = Vec::new();
        order.release(8, &mut |event| given.push(event));
        assert_eq!(given, [30, 50, 70, 71].map(Event::Lost));
        given.clear();
        order.push(8, Event::Lost(80));
        order.release(u64::MAX, &mut |event| given.push(event));
        assert_eq!(given, [80, 90].map(Event::Lost));
    }
}
