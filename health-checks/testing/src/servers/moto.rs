//! moto, which answers as AWS does and checks the signatures of requests.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde_json::Value;

use super::python::python;
use crate::{Folder, Process, Restart, free_port};

/// Makes a user with a key of its own, and what checks ask for; from then on signatures count.
const SERVER: &str = r#"
import json, os, sys, time
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "3"
os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
import boto3
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

port = int(sys.argv[1])
server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
server.start()
nobody = {"aws_access_key_id": "x", "aws_secret_access_key": "y", "endpoint_url": f"http://127.0.0.1:{port}"}
iam = boto3.client("iam", **nobody)
iam.create_user(UserName="checks")
everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
iam.put_user_policy(UserName="checks", PolicyName="all", PolicyDocument=json.dumps(everything))
key = iam.create_access_key(UserName="checks")["AccessKey"]
ours = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"],
        "endpoint_url": f"http://127.0.0.1:{port}"}
ec2 = boto3.client("ec2", **ours)
image = ec2.describe_images()["Images"][0]["ImageId"]
def run(name):
    tags = [{"Key": "role", "Value": "worker"}] + ([{"Key": "Name", "Value": name}] if name else [])
    started = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}])
    return started["Instances"][0]["InstanceId"]
running, nameless, stopped, gone = run("web 1"), run(None), run("web 3"), run("web 4")
ec2.stop_instances(InstanceIds=[stopped])
ec2.terminate_instances(InstanceIds=[gone])
boto3.client("s3", **ours).create_bucket(Bucket="invoices",
    CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
print("READY " + json.dumps({"id": key["AccessKeyId"], "secret": key["SecretAccessKey"],
    "running": running, "nameless": nameless, "stopped": stopped, "gone": gone}), flush=True)
while True:
    time.sleep(3600)
"#;

/// A server with a bucket `invoices` and four instances with the tag `role`, `worker`; each start
/// makes keys and instances anew.
#[derive(Debug)]
pub struct Moto {
    address: SocketAddr,
    folder: Folder,
    process: Option<Process>,
    made: Value,
}

impl Moto {
    /// Starts the server and returns when all is there.
    pub fn start() -> Self {
        let mut moto = Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, free_port())),
            folder: Folder::new("moto"),
            process: None,
            made: Value::Null,
        };
        Restart::start(&mut moto);
        moto
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what the start made: `id` and `secret` of the key, and the ids of the instances
    /// `running`, `nameless`, `stopped` and `gone`.
    pub fn made(&self, what: &str) -> &str {
        self.made[what].as_str().unwrap()
    }
}

impl Restart for Moto {
    fn kill(&mut self) {
        self.process = None;
    }

    fn start(&mut self) {
        let script = self.folder.write("server.py", SERVER);
        let port = self.address.port().to_string();
        let log = self.folder.path().join("log");
        let process = Process::start(&python(), [script.as_str(), &port], &[], log);
        process.wait_until_ready(Duration::from_secs(60), || {
            process.printed().contains("READY ")
        });
        let printed = process.printed();
        let made = printed.split("READY ").nth(1).unwrap();
        self.made = serde_json::from_str(made.lines().next().unwrap()).unwrap();
        self.process = Some(process);
    }
}
