//! Splits rows into owned columns to read one of them.
#[derive(Debug, Default)]
struct Totals {
    amount: f64,
    rows: usize,
}

fn columns(row: &str) -> Vec<String> {
    row.split(';').map(|cell| cell.to_string()).collect() // HOT clone
}

fn header(row: &str) -> Vec<String> {
    row.split(';').map(|cell| cell.to_string()).collect() // COLD
}

fn parse(table: &str) -> Totals {
    let mut lines = table.lines();
    let names = header(lines.next().unwrap_or_default());
    let wanted = names.iter().position(|name| name == "amount").unwrap_or(0);
    lines.fold(Totals::default(), |mut totals, row| {
        let columns = columns(row);
        if let Ok(amount) = columns[wanted].parse::<f64>() {
            totals.amount += amount;
        }
        totals.rows += 1;
        totals
    })
}

fn main() {
    let mut table = String::from("id;name;city;amount;currency;note\n");
    for n in 0..200_000 {
        table += &format!("{n};customer {n};Springfield;{}.25;EUR;nothing to say\n", n % 977);
    }
    for _ in 0..6 {
        println!("{:?}", parse(std::hint::black_box(&table)));
    }
}
