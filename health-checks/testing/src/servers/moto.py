"""moto with a user and what checks ask for: port, and for TLS chain, key and authority.

Prints what it made as JSON behind READY. Signatures count as soon as there is a user with a key.
"""

import json
import os
import sys
from threading import Thread

os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "3"
os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"

import boto3
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

port, *files = sys.argv[1:]
chain, key, authority = files or (None, None, None)

# Each start makes the same keys and instances, as a server does that keeps them on a disk.
mock_random.seed(1)

# AWS keeps connections.
MotoRequestHandler.protocol_version = "HTTP/1.1"

server = make_server(
    "127.0.0.1",
    int(port),
    DomainDispatcherApplication(create_backend_app),
    threaded=True,
    request_handler=MotoRequestHandler,
    ssl_context=(chain, key) if chain else None,
)
serving = Thread(target=server.serve_forever)
serving.start()


def client(service, key_id, secret):
    return boto3.client(
        service,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        endpoint_url=f"{'https' if chain else 'http'}://127.0.0.1:{port}",
        verify=authority,
    )


iam = client("iam", "nobody", "nothing")
iam.create_user(UserName="checks")
everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
iam.put_user_policy(UserName="checks", PolicyName="all", PolicyDocument=json.dumps(everything))
made = iam.create_access_key(UserName="checks")["AccessKey"]
ours = made["AccessKeyId"], made["SecretAccessKey"]

ec2 = client("ec2", *ours)
image = ec2.describe_images()["Images"][0]["ImageId"]


def run(name):
    tags = [{"Key": "role", "Value": "worker"}] + ([{"Key": "Name", "Value": name}] if name else [])
    started = ec2.run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    return started["Instances"][0]["InstanceId"]


running, nameless, stopped, gone = run("web 1"), run(None), run("web 3"), run("web 4")
ec2.stop_instances(InstanceIds=[stopped])
ec2.terminate_instances(InstanceIds=[gone])
client("s3", *ours).create_bucket(
    Bucket="invoices", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
)

instances = {"running": running, "nameless": nameless, "stopped": stopped, "gone": gone}
print("READY " + json.dumps({"id": ours[0], "secret": ours[1], **instances}), flush=True)
serving.join()
