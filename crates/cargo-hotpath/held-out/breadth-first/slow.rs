//! A breadth-first search whose queue is a vector.
struct Graph {
    edges: Vec<Vec<usize>>,
}

impl Graph {
    fn ring(nodes: usize) -> Self {
        let edges = (0..nodes).map(|n| (1..40).map(|step| (n + step * step * 7) % nodes).collect());
        Self { edges: edges.collect() }
    }

    fn distances(&self, start: usize) -> Vec<Option<u32>> {
        let mut seen = vec![None; self.edges.len()];
        let mut queue = vec![start];
        seen[start] = Some(0);
        while !queue.is_empty() {
            let node = queue.remove(0); // HOT front-of-vec
            for &next in &self.edges[node] {
                if seen[next].is_none() {
                    seen[next] = seen[node].map(|distance| distance + 1);
                    queue.push(next);
                }
            }
        }
        seen
    }

    fn first(&self) -> usize {
        let mut nodes: Vec<usize> = self.edges[0].clone();
        nodes.remove(0) // COLD
    }
}

fn main() {
    let graph = Graph::ring(60_000);
    let mut farthest = None;
    for start in 0..40 {
        farthest = farthest.max(graph.distances(start + graph.first()).into_iter().flatten().max());
    }
    println!("{farthest:?}");
}
