//! The quantizers beside DDQ.

use super::Case;
use ddq_playground::methods::lsq::Lsq;
use ddq_playground::methods::pact::Pact;
use ddq_playground::methods::pot::quantizer::power_of_two;
use ddq_playground::quant::range::RangeRule;
use ddq_playground::quant::uniform::Uniform;
use ddq_playground::quant::{Quantizer, Role};

pub fn check(case: &Case) {
    let bits = case.count("bits") as u32;
    match case.text("kind") {
        "uniform" => {
            let range = (case.float("lo"), case.float("hi"));
            let mut uniform = Uniform::new(Role::Weight, bits, range, RangeRule::Mse);
            case.compare("levels", uniform.levels());
            compare(case, &mut uniform);
        }
        "lsq" => {
            let mut lsq = Lsq::new(bits, case.flag("signed"), case.float("s"));
            compare(case, &mut lsq);
            case.compare_number("dL_ds_scaled", f64::from(lsq.step_gradient()));
        }
        "pot" => {
            let mut pot = power_of_two(
                Role::Activation,
                bits,
                case.flag("signed"),
                case.float("alpha"),
            );
            case.compare("levels", pot.levels());
            compare(case, &mut pot);
            case.compare_number("dL_dalpha", f64::from(pot.scale_gradient()));
        }
        "pact" => {
            let mut pact = Pact::new(bits, case.flag("signed"), case.float("alpha"));
            compare(case, &mut pact);
            case.compare_number("dL_dalpha", f64::from(pact.clip_gradient()));
        }
        other => panic!("{}: a case of unknown kind \"{other}\"", case.name()),
    }
}

fn compare(case: &Case, quantizer: &mut dyn Quantizer) {
    let x = case.floats("x");
    let (mut x_q, mut dx) = (vec![f32::NAN; x.len()], vec![f32::NAN; x.len()]);
    quantizer.forward(&x, &mut x_q);
    case.compare("x_q", &x_q);
    quantizer.backward(&x, &case.floats("upstream"), &mut dx);
    case.compare("dL_dx", &dx);
}
