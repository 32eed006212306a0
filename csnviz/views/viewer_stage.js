// One face: its picture, another laid over it, and what is drawn above both. A stage is one unit wide and high; two
// matrices lead onto it, from shares of the filmed picture and from shares of the square that the network reads.

const RAISES = [213, 94, 0], LOWERS = [0, 114, 178]; // Okabe and Ito's vermillion and blue

// A matrix without numbers, of a frame without a face, is not invertible, and nothing is drawn through it.
function lay(pen, picture, { a, b, c, d, e, f }) {
  const side = pen.canvas.width, [w, h] = [side / picture.width, side / picture.height];
  if (isNaN(a)) return;
  pen.setTransform(a * w, b * w, c * h, d * h, e * side, f * side);
  pen.drawImage(picture, 0, 0);
  pen.resetTransform();
}

function stage(box) {
  const [picture, map, overlay] = box.querySelectorAll("canvas"), words = box.querySelector("p");
  const pen = picture.getContext("2d", { willReadFrequently: true }), side = overlay.width;
  let filmed = null, square = null;

  // `other` is { picture, how, share }: a picture of the same kind, or for a filmed one the aligned face of the
  // reference.
  function paint(bitmap, kind, corners, other) {
    picture.width = picture.height = kind === "filmed" ? 480 : 336;
    filmed = square = null;
    if (!bitmap?.width) return;
    pen.imageSmoothingEnabled = kind !== "network"; // the network sees pixels
    const most = max(bitmap.width, bitmap.height), [w, h] = [bitmap.width / most, bitmap.height / most];
    const whole = new DOMMatrix([w, 0, 0, h, (1 - w) / 2, (1 - h) / 2]);
    lay(pen, bitmap, whole);
    if (kind === "face") clearPadding(pen, picture.width);
    const [ax, ay, bx, by, , , dx, dy] = corners ?? [];
    // the square's shares to the filmed picture's
    const crop = new DOMMatrix([dx - ax, dy - ay, bx - ax, by - ay, ax, ay]);
    square = kind === "filmed" ? whole.multiply(crop) : whole;
    filmed = kind === "filmed" ? whole : whole.multiply(crop.inverse());
    if (!other?.picture?.width) return;
    pen.save();
    if (other.how === "onion") pen.globalAlpha = other.share;
    else {
      pen.beginPath();
      pen.rect(other.share * picture.width, 0, picture.width, picture.height);
      pen.clip();
    }
    lay(pen, other.picture, square);
    pen.restore();
  }

  // `colours`: a canvas of the square; `region`: polygons over the points; `divider`: where the wipe stands.
  function draw({ colours, opacity, points, dots, region, divider, kind }) {
    const flat = map.getContext("2d"), over = overlay.getContext("2d");
    box.classList.toggle("csn-mapped", !!colours);
    flat.clearRect(0, 0, map.width, map.height);
    over.clearRect(0, 0, side, side);
    flat.globalAlpha = over.globalAlpha = opacity;
    if (colours && kind !== "filmed") flat.drawImage(colours, 0, 0);
    else if (colours && square) lay(over, colours, square);
    over.globalAlpha = 1;
    const place = (i) => filmed.transformPoint({ x: points[2 * i], y: points[2 * i + 1] });
    if (points && filmed && isFinite(points[0]) && isFinite(filmed.a)) {
      for (const polygon of region) outline(over, polygon.map(place));
      if (dots) for (let i = 0; i < points.length / 2; i++) dot(over, place(i));
    }
    box.style.setProperty("--csn-divider", divider === null ? "none" : `${100 * divider}%`);
  }

  function outline(over, corners) {
    over.beginPath();
    for (const { x, y } of corners) over.lineTo(x * side, y * side);
    over.closePath();
    for (const [width, colour, dash] of [[6, "#000a", []], [3, "#f0e442", [14, 5]]]) {
      over.lineWidth = width;
      over.strokeStyle = colour;
      over.setLineDash(dash);
      over.stroke();
    }
    over.setLineDash([]);
  }

  function dot(over, { x, y }) {
    over.beginPath();
    over.arc(x * side, y * side, 4, 0, 7);
    over.lineWidth = 3;
    over.strokeStyle = "#000b";
    over.stroke();
    over.fillStyle = "#fff";
    over.fill();
  }

  return { box, picture, paint, draw, reason(text) { words.textContent = text; words.hidden = !text; } };
}

// A face to lay over another, without the black beside it.
function bare(bitmap) {
  const pen = new OffscreenCanvas(336, 336).getContext("2d");
  lay(pen, bitmap, new DOMMatrix());
  clearPadding(pen, 336);
  return pen.canvas;
}

// Faint noise stays faint: the colour's strength grows faster than the value.
function coloured(values) {
  const canvas = new OffscreenCanvas(112, 112), pixels = new ImageData(112, 112);
  values.forEach((value, i) => {
    pixels.data.set(value > 0 ? RAISES : LOWERS, i * 4);
    pixels.data[i * 4 + 3] = 255 * min(1, (abs(value) / 110) ** 1.4);
  });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

// Crops are padded to a square with black; the page shows its own ground there. A column is padding when it is black
// all down.
function clearPadding(pen, side) {
  const rows = [0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95].map((y) => pen.getImageData(0, round(y * side), side, 1).data);
  const black = (x) => rows.every((row) => max(row[4 * x], row[4 * x + 1], row[4 * x + 2]) < 8);
  for (const [first, by] of [[0, 1], [side - 1, -1]]) {
    let x = first;
    while (abs(x - first) < side / 3 && black(x)) x += by;
    if (x !== first) pen.clearRect(min(x, first), 0, abs(x - first) + 1, side);
  }
}
