use crate::world::settings::Settings;
use crate::world::simulation;

#[test]
fn first() {
    let settings = Settings::new(8, 2, 1);
    let outcomes = simulation::run(&settings, &mut |change| println!("{change:?}"));
    println!("{:?}", outcomes.totals);
    let mut text = Vec::new();
    let verdict = outcomes.checks.finish(&mut text).unwrap();
    println!("{}", String::from_utf8(text).unwrap());
    assert!(verdict.is_good());
}
