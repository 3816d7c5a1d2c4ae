//! Builds a string for each of many keys, from parts that are known.
struct Key<'a> {
    tenant: &'a str,
    kind: &'a str,
    id: u32,
}

impl Key<'_> {
    fn path(&self) -> String {
        let mut path = String::new();
        for part in [self.tenant, "/objects/of/kind/", self.kind, "/by/identifier/"] {
            path.push_str(part); // HOT growth
        }
        path.push((b'a' + (self.id % 26) as u8) as char);
        path
    }

    fn label(&self) -> String {
        let mut label = String::new();
        for part in [self.tenant, self.kind] {
            label.push_str(part); // COLD
        }
        label
    }
}

fn main() {
    let mut size = Key { tenant: "a", kind: "b", id: 0 }.label().len();
    for id in 0..8_000_000 {
        let key = Key { tenant: "the-first-tenant", kind: "invoices", id };
        size += std::hint::black_box(key.path()).len();
    }
    println!("{size}");
}
