// Reads 112 x 112 RGB crops (uint8) from standard input; prints what face-api's expression network says of each.
const fs = require("fs");
const tf = require("@tensorflow/tfjs");
const faceapi = require("@vladmandic/face-api/dist/face-api.node-wasm.js");

(async () => {
  await tf.setBackend("cpu");
  const net = faceapi.nets.faceExpressionNet;
  await net.loadFromDisk(process.argv[1]);
  const crops = new Uint8Array(fs.readFileSync(0));
  const size = 112 * 112 * 3;
  const answer = { embeddings: [], probabilities: [] };
  for (let at = 0; at < crops.length; at += size) {
    const crop = tf.tensor3d(Float32Array.from(crops.subarray(at, at + size)), [112, 112, 3]);
    const input = new faceapi.NetInput([crop]);
    answer.embeddings.push(Array.from(net.faceFeatureExtractor.forwardInput(input).dataSync()));
    answer.probabilities.push(Array.from(net.forwardInput(input).dataSync()));
  }
  console.log(JSON.stringify(answer));
})();
