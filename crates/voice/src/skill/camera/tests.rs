//! Cameras.

use crate::skill::Camera;
use crate::skill::example::{Home, Outcome};

#[test]
fn tells_about_cameras() -> Outcome {
    let mut home = Home::new()?;
    home.expect(&["which cameras are there"], "PorchlightCameras", "There are no cameras in this home.");
    let camera = |name: &str, state: &str, recording| Camera {
        name: name.into(),
        room: None,
        state: state.into(),
        recording,
    };
    home.cameras = vec![camera("porch", "", true), camera("garden camera", "", true)];
    home.expect(
        &["What cameras are there?", "how many cameras do we have", "are all the cameras on", "cameras"],
        "PorchlightCameras",
        "There are two cameras: porch and garden. All of them are recording.",
    );
    home.cameras[1] = camera("garden camera", "The garden camera has not answered since 5:40 PM.", false);
    home.expect(
        &["how are the cameras"],
        "PorchlightCameras",
        "There are two cameras: porch and garden. The porch camera is recording. The garden camera has not answered since 5:40 PM.",
    );
    home.expect(
        &["is the porch camera on", "Is the porch recording?", "porch camera"],
        "PorchlightCameraState",
        "The porch camera is recording.",
    );
    home.expect(
        &["is the garden camera working", "is the guard in camera working"],
        "PorchlightCameraState",
        "The garden camera has not answered since 5:40 PM.",
    );
    home.expect(
        &["is the attic camera on"],
        "PorchlightCameraState",
        "There is no attic camera. There is porch and garden.",
    );
    home.expect(
        &["show me the porch"],
        "PorchlightCameraState",
        "I cannot show pictures by voice. The porch camera is recording.",
    );
    Ok(())
}
