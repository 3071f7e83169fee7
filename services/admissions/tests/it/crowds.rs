//! Very many connections: whoever speaks is heard.

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{Service, World, code, message};

/// More than the listener takes, from many addresses; each has sent half a message.
async fn crowd(service: &Service) -> Vec<TcpStream> {
    let mut crowd = Vec::new();
    for n in 0..900_u32 {
        let socket = TcpSocket::new_v4().unwrap();
        let address = format!("127.0.{}.{}:0", 1 + n / 250, 1 + n % 250);
        socket.bind(address.parse().unwrap()).unwrap();
        let mut stream = socket.connect(service.at.mllp).await.unwrap();
        // Whoever had to go already is no matter.
        let _ = stream.write_all(b"\x0bMSH|half").await;
        crowd.push(stream);
    }
    crowd
}

#[tokio::test]
async fn hundreds_of_connections_that_say_nothing_keep_no_sender_out() {
    let (world, service) = World::with_service().await;
    let mut before = service.mllp().await;
    before.send(&message("a01_admitted_with_need")).await;
    let _crowd = crowd(&service).await;
    let mut after = service.mllp().await;
    assert_eq!(code(&after.send(&message("a02_transferred")).await), "AA");
    assert_eq!(code(&before.send(&message("a03_discharged")).await), "AA");
    assert!(world.the_case().await.discharge().is_some());
}
