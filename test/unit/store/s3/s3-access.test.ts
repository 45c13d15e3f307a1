import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointInUse } from '../../../../src/store/s3/s3-access.ts';

test('the endpoint in use is a flag, else the schedule, else the environment as the AWS SDKs read it', () => {
  const both = { AWS_ENDPOINT_URL_S3: 'https://s3.example', AWS_ENDPOINT_URL: 'https://aws.example' };
  const ignored = { ...both, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' };
  assert.equal(
    endpointInUse(both, 'https://flag.example', 'https://schedule.example'),
    'https://flag.example',
  );
  assert.equal(endpointInUse(both, undefined, 'https://schedule.example'), 'https://schedule.example');
  assert.equal(endpointInUse(both, undefined), both.AWS_ENDPOINT_URL_S3);
  assert.equal(endpointInUse({ ...both, AWS_ENDPOINT_URL_S3: '' }), both.AWS_ENDPOINT_URL);
  assert.equal(endpointInUse(ignored), undefined);
  assert.equal(endpointInUse(ignored, 'https://flag.example'), 'https://flag.example');
  assert.equal(endpointInUse({}), undefined);
});
